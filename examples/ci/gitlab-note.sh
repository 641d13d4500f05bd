#!/bin/sh
# Writes a file of Markdown as the one note of a merge request that is the token's and begins with our marker, in place of the one that is there.
# Needs curl and Node.js, and GITLAB_NOTE_TOKEN; the CI_… variables are GitLab's own. Without a token it does nothing.
set -eu
file=$1
marker='<!-- backhaul plan -->'
[ -n "${GITLAB_NOTE_TOKEN:-}" ] || { echo "No GITLAB_NOTE_TOKEN: the plan is in the artifacts of this job" >&2; exit 0; }
notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"

ask() {
  curl --silent --show-error --fail --max-time 30 --header "PRIVATE-TOKEN: $GITLAB_NOTE_TOKEN" \
    --header 'Content-Type: application/json' "$@"
}

# Anybody can write the marker, and a token of the project may change anybody's note.
me=$(ask "$CI_API_V4_URL/user" | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).id')
id=
page=1
while [ "$page" -le 30 ]; do
  found=$(ask "$notes?per_page=100&page=$page" | MARKER=$marker ME=$me node -e '
    const notes = JSON.parse(require("fs").readFileSync(0, "utf8"))
    const { MARKER, ME } = process.env
    const ours = notes.find(({ body, author }) => body.startsWith(MARKER) && String(author?.id) === ME)
    console.log(notes.length, ours?.id ?? "")')
  id=${found#* }
  if [ -n "$id" ] || [ "${found%% *}" -lt 100 ]; then break; fi
  page=$((page + 1))
done

body=$(MARKER=$marker FILE=$file node -p '
  JSON.stringify({ body: process.env.MARKER + "\n" + require("fs").readFileSync(process.env.FILE, "utf8") })')
if [ -n "$id" ]; then
  printf '%s' "$body" | ask --request PUT --data-binary @- "$notes/$id" > /dev/null
else
  printf '%s' "$body" | ask --request POST --data-binary @- "$notes" > /dev/null
fi
