import { Button } from './button.tsx'
import { toast } from './toasts.tsx'

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      toast('Copied.')
    } catch {
      toast('The browser did not allow it: select the text and copy it.')
    }
  }
  return (
    <Button kind="secondary" onClick={() => void copy()}>
      {label}
    </Button>
  )
}
