import { effect, signal } from '@preact/signals'

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'circus-theme'

/** Light, dark, or as the system has it. */
export const theme = signal<Theme>(themes.find((name) => name === stored()) ?? 'auto')

/** Goes up when colours have changed: what is drawn by hand is drawn anew. */
export const colours = signal(0)

/** Have the page look as chosen, and remember that. */
export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
    try {
      localStorage.setItem(key, theme.value)
    } catch {
      // Not every browser lets one store; then it is chosen anew each time.
    }
    colours.value = colours.peek() + 1
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    colours.value++
  })
}

function stored(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
