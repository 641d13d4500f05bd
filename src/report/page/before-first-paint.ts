// Stands in the head of the page: what follows may be megabytes, and the reader's colours must not come after them.
import { keptTheme, showTheme } from './kept-theme.ts'

showTheme(keptTheme())
