import { act, titleOf, type Verb } from '../actions.ts'
import { session } from '../session.ts'
import { Icon } from './icon.tsx'

/** What may be done with a watcher in its state. */
export const isUseful = (verb: Verb, status: string): boolean =>
  verb === 'start' ? status !== 'active' : status !== 'stopped'

interface Props {
  readonly verb: Verb
  readonly names: readonly string[]
  /** With its word, not only its sign. */
  readonly worded?: boolean
  readonly disabled?: boolean
}

/** Starts, stops, restarts or reloads. Not there for who may only look. */
export function VerbButton({ verb, names, worded = false, disabled = false }: Props) {
  if (session.value.id !== 'in' || session.value.role === 'view') return null
  const title = titleOf(verb)
  return (
    <button
      type="button"
      class={worded ? 'button' : 'button quiet square'}
      title={worded ? undefined : title}
      // A button that is in focus shall not vanish from below the finger when the state changes.
      aria-disabled={disabled}
      onClick={() => !disabled && void act(verb, names)}
    >
      <Icon name={verb} />
      {worded ? title : <span class="unseen">{`${title} ${names.join(', ')}`}</span>}
    </button>
  )
}
