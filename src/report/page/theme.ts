import { useEffect, useState } from 'preact/hooks'

/** `auto` is what the system says. */
export type Theme = 'auto' | 'light' | 'dark'

const themes: readonly Theme[] = ['auto', 'light', 'dark']
const key = 'backhaul-report-theme'

export const nextTheme = (theme: Theme): Theme =>
  themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto'

/** The reader's choice, kept by the browser where it keeps anything for this page. */
export function useThemeChoice(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(kept)
  useEffect(() => {
    const { dataset } = document.documentElement
    if (theme === 'auto') delete dataset['theme']
    else dataset['theme'] = theme
    try {
      localStorage.setItem(key, theme)
    } catch {
      // A browser that keeps nothing shows it until the page is closed.
    }
  }, [theme])
  return [theme, setTheme]
}

function kept(): Theme {
  try {
    const found = localStorage.getItem(key)
    return themes.find((theme) => theme === found) ?? 'auto'
  } catch {
    return 'auto'
  }
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
