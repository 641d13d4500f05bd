import { useEffect, useState } from 'preact/hooks'
import { keepTheme, keptTheme, showTheme, type Theme, themes } from './kept-theme.ts'

export const nextTheme = (theme: Theme): Theme =>
  themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto'

/** The reader's choice, kept by the browser where it keeps anything for this page. */
export function useThemeChoice(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(keptTheme)
  const choose = (chosen: Theme) => {
    showTheme(chosen)
    keepTheme(chosen)
    setTheme(chosen)
  }
  return [theme, choose]
}

/** What the colours are now, chosen or not: for what is painted, and has to be painted anew. */
export function useThemeNow(): string {
  const [theme, setTheme] = useState(themeNow)
  useEffect(() => {
    const look = () => setTheme(themeNow())
    const media = matchMedia('(prefers-color-scheme: dark)')
    const observer = new MutationObserver(look)
    observer.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-theme'],
    })
    media.addEventListener('change', look)
    return () => {
      observer.disconnect()
      media.removeEventListener('change', look)
    }
  }, [])
  return theme
}

function themeNow(): string {
  const chosen = document.documentElement.dataset['theme']
  return chosen ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
}
