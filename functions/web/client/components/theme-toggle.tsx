import { useState } from 'preact/hooks'

type Theme = 'light' | 'dark'

/** The key that theme.ts reads before the first paint. */
const memory = 'oort-theme'

function shownTheme(): Theme {
  const chosen = document.documentElement.dataset['theme']
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Switches between light and dark, and remembers it; choosing what the system prefers goes back to following it. */
export function ThemeToggle() {
  const [theme, setTheme] = useState(shownTheme)
  const next: Theme = theme === 'dark' ? 'light' : 'dark'

  const toggle = () => {
    const preferred = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
    if (next === preferred) {
      localStorage.removeItem(memory)
      delete document.documentElement.dataset['theme']
    } else {
      localStorage.setItem(memory, next)
      document.documentElement.dataset['theme'] = next
    }
    setTheme(next)
  }

  return (
    <button type="button" class="button quiet icon-only" onClick={toggle} aria-label={`Use the ${next} theme`}>
      <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="line-icon">
        <circle cx="12" cy="12" r="8.5" />
        <path d="M12 3.5a8.5 8.5 0 0 1 0 17z" class="filled" />
      </svg>
    </button>
  )
}
