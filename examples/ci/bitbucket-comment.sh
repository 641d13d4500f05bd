#!/bin/sh
# Writes a file of text as the one comment of a pull request that is the token's and begins with our title, in place of the one that is there.
# Needs curl and Node.js, and BITBUCKET_COMMENT_TOKEN; the other BITBUCKET_… variables are Bitbucket's own. Without a token it does nothing.
set -eu
file=$1
title='**Backhaul plan**'
[ -n "${BITBUCKET_COMMENT_TOKEN:-}" ] || { echo "No BITBUCKET_COMMENT_TOKEN: the plan is in the artifacts of this step" >&2; exit 0; }
api=${BITBUCKET_API_URL:-https://api.bitbucket.org/2.0}
comments="$api/repositories/$BITBUCKET_REPO_FULL_NAME/pullrequests/$BITBUCKET_PR_ID/comments"

ask() {
  curl --silent --show-error --fail --max-time 30 --header "Authorization: Bearer $BITBUCKET_COMMENT_TOKEN" \
    --header 'Content-Type: application/json' "$@"
}

# A comment takes 32,768 characters.
body=$(TITLE=$title FILE=$file node -p '
  const lines = require("fs").readFileSync(process.env.FILE, "utf8").split("\n").map((line) => "    " + line)
  const text = lines.join("\n")
  const cut = text.length <= 30000 ? text : text.slice(0, 30000) + "\n\nThe rest is in the artifacts of the step."
  JSON.stringify({ content: { raw: process.env.TITLE + "\n\n" + cut } })')
# Anybody can write the title. Whose the token is, Bitbucket says of a person's alone; a comment that the token may not change is not its own.
me=$(ask "$api/user" 2> /dev/null | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).uuid ?? ""' 2> /dev/null) || me=
page=1
while [ "$page" -le 30 ]; do
  found=$(ask "$comments?pagelen=100&page=$page" | TITLE=$title ME=$me node -e '
    const { TITLE, ME } = process.env
    const { values, next } = JSON.parse(require("fs").readFileSync(0, "utf8"))
    const isOurs = ({ content, deleted, user }) =>
      !deleted && content.raw.startsWith(TITLE) && (ME === "" || user?.uuid === ME)
    console.log(next === undefined ? "last" : "more", ...values.filter(isOurs).map(({ id }) => id))')
  for id in ${found#* }; do
    case $id in last | more) continue ;; esac
    status=$(printf '%s' "$body" | ask --no-fail --output /dev/null --write-out '%{http_code}' --request PUT --data-binary @- "$comments/$id")
    case $status in
      2*) exit 0 ;;
      403 | 404) ;;
      *) echo "Bitbucket answered $status" >&2; exit 1 ;;
    esac
  done
  if [ "${found%% *}" = last ]; then break; fi
  page=$((page + 1))
done
printf '%s' "$body" | ask --request POST --data-binary @- "$comments" > /dev/null
