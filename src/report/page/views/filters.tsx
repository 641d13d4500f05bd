import type { ComponentChildren } from 'preact'

export function SearchField({
  label,
  value,
  hint,
  onInput,
}: {
  label: string
  value: string
  hint: string
  onInput: (text: string) => void
}) {
  return (
    <label class="field wide">
      <span>
        {label} <kbd>/</kbd>
      </span>
      <input
        type="search"
        value={value}
        placeholder={hint}
        spellcheck={false}
        autoComplete="off"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  )
}

/** One of several words, or all. */
export function Choice({
  label,
  value,
  words,
  names = new Map(),
  onChange,
}: {
  label: string
  value: string | undefined
  words: readonly string[]
  /** What is shown for a word, where that is not the word itself. */
  names?: ReadonlyMap<string, string>
  onChange: (value: string | undefined) => void
}) {
  // What the address asks for stands there, even where the report has none of it.
  const offered = value === undefined || words.includes(value) ? words : [value, ...words]
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      >
        <option value="">all</option>
        {offered.map((word) => (
          <option key={word} value={word}>
            {names.get(word) ?? word}
          </option>
        ))}
      </select>
    </label>
  )
}

/** A filter that came by a link, to be taken off. */
export function Chip({ children, onClear }: { children: ComponentChildren; onClear: () => void }) {
  return (
    <button type="button" class="chip" onClick={onClear}>
      {children} <span aria-hidden="true">×</span>
      <span class="unread">, take this filter off</span>
    </button>
  )
}
