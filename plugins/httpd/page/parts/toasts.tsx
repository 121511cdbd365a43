import { signal } from '@preact/signals'
import { Icon } from './icon.tsx'

type Kind = 'busy' | 'done' | 'failed'

interface Toast {
  readonly id: number
  readonly kind: Kind
  readonly text: string
  readonly lines: readonly string[]
}

const toasts = signal<readonly Toast[]>([])

/** What went well is read in a moment; what did not stays until it is put away. */
const shownMs = 5_000

let nextId = 0

/** Say something in the corner, in place of `earlier` if that is given. Returns what to replace it by. */
export function say(kind: Kind, text: string, lines: readonly string[] = [], earlier?: number): number {
  const id = nextId++
  toasts.value = [...toasts.value.filter((toast) => toast.id !== earlier), { id, kind, text, lines }].slice(-5)
  if (kind === 'done') setTimeout(() => drop(id), shownMs)
  return id
}

const drop = (id: number): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

/** What was said lately, on the screen and to a screen reader. */
export const Toasts = () => (
  <section class="toasts" aria-label="Messages">
    <div role="log" aria-live="polite" aria-relevant="additions">
      {toasts.value.map(({ id, kind, text, lines }) => (
        <div key={id} class={`toast toast-${kind}`}>
          <div class="toast-text">
            <p>{text}</p>
            {lines.length > 0 && <pre>{lines.join('\n')}</pre>}
          </div>
          <button type="button" class="button quiet square" onClick={() => drop(id)}>
            <Icon name="close" />
            <span class="unseen">Put away: {text}</span>
          </button>
        </div>
      ))}
    </div>
  </section>
)
