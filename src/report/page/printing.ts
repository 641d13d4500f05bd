import { options } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Whether the page is being put on paper: then long tables show their beginning instead of what is on the screen. */
export function usePrinting(): boolean {
  const [isPrinting, setPrinting] = useState(() => matchMedia('print').matches)
  useEffect(() => {
    const media = matchMedia('print')
    const before = () => drawAtOnce(() => setPrinting(true))
    const after = () => setPrinting(false)
    const turn = () => (media.matches ? before() : after())
    addEventListener('beforeprint', before)
    addEventListener('afterprint', after)
    media.addEventListener('change', turn)
    return () => {
      removeEventListener('beforeprint', before)
      removeEventListener('afterprint', after)
      media.removeEventListener('change', turn)
    }
  }, [])
  return isPrinting
}

/** The browser takes its picture when the event's listeners have returned. */
function drawAtOnce(change: () => void): void {
  const usual = options.debounceRendering
  options.debounceRendering = (draw) => draw()
  change()
  if (usual === undefined) delete options.debounceRendering
  else options.debounceRendering = usual
}
