import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string
  readonly language: string
  /** Line of its first line in the page, from 1. */
  readonly line: number
  readonly text: string
}

/** The pages that speak to users, relative to the repository. */
export function listPages(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? below(path) : path.endsWith('.md') ? [path] : []
    })
  return [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'dbt_project_example/README.md',
    ...below('docs'),
  ]
}

/** The fenced blocks of a page, without the indentation of a list that they stand in. */
export function codeBlocks(page: string, text = readFileSync(page, 'utf8')): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = text.split('\n')
  let open:
    | { readonly language: string; readonly line: number; readonly indent: string }
    | undefined
  for (const [index, line] of lines.entries()) {
    const [, indent = '', language = ''] = /^(\s*)```(\w*)\s*$/.exec(line) ?? []
    if (!/^\s*```/.test(line)) continue
    if (open === undefined) open = { language, line: index + 2, indent }
    else {
      const { indent: outer } = open
      const body = lines.slice(open.line - 1, index)
      const inner = body.map((each) => (each.startsWith(outer) ? each.slice(outer.length) : each))
      blocks.push({ page, language: open.language, line: open.line, text: inner.join('\n') })
      open = undefined
    }
  }
  return blocks
}

/** Code spans of a page's prose. */
export function codeSpans(text: string): readonly string[] {
  return [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')
}

/** Links of a page that lead nowhere: to a file or a heading that does not exist. */
export function brokenLinks(page: string, text = readFileSync(page, 'utf8')): readonly string[] {
  const links = [
    ...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"\s]+)"/g),
  ].map((match) => match[1] ?? match[2] ?? '')
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const [path = '', anchor] = link.split('#')
    const target = join(dirname(page), path)
    if (path !== '' && !existsSync(target)) return true
    if (anchor === undefined) return false
    return !headingAnchors(path === '' ? text : readFileSync(target, 'utf8')).includes(anchor)
  })
}

/** Anchors of a page's headings, as GitHub makes them. */
function headingAnchors(text: string): readonly string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

const withoutBlocks = (text: string): string => text.replaceAll(/^\s*```[\s\S]*?^\s*```\s*$/gm, '')

/** Words of a command line as a shell parts them, up to a comment or what follows the command. */
export function shellWords(line: string): readonly string[] {
  const words: string[] = []
  for (const [word] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)) {
    if (word.startsWith('#') || /^(\||\|\||&&|;|\d?>.*|<)$/.test(word)) break
    words.push(word.replace(/;$/, '').replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'))
  }
  return words
}

/** Command lines of `program` in a block of shell or CI code, joined where they go on in the next line. */
export function commandLines(block: string, program: string): readonly string[] {
  const joined = block.replaceAll(/\\\n\s*/g, ' ')
  const start = new RegExp(`^\\s*(?:- )?(?:run: )?(?:\\$ )?(?:\\w+=\\S+ )*(${program}(?: .*)?)$`)
  return joined.split('\n').flatMap((line) => start.exec(line)?.[1] ?? [])
}
