/** `auto` is what the system says. */
export type Theme = 'auto' | 'light' | 'dark'

export const themes: readonly Theme[] = ['auto', 'light', 'dark']
const key = 'backhaul-report-theme'

export function keptTheme(): Theme {
  try {
    const found = localStorage.getItem(key)
    return themes.find((theme) => theme === found) ?? 'auto'
  } catch {
    return 'auto'
  }
}

export function keepTheme(theme: Theme): void {
  try {
    localStorage.setItem(key, theme)
  } catch {
    // A browser that keeps nothing shows it until the page is closed.
  }
}

export function showTheme(theme: Theme): void {
  const { dataset } = document.documentElement
  if (theme === 'auto') delete dataset['theme']
  else dataset['theme'] = theme
}
