import { duration } from '../format.ts'
import { reconnect } from '../store/live.ts'
import { link, state } from '../store/store.ts'
import { useSeconds } from './seconds.ts'

/** Says that what is shown is old, why, and how old. */
export function LinkNotice() {
  const now = link.value
  const isOld = now.id === 'unreachable' || now.id === 'gone'
  useSeconds(isOld)
  if (!isOld) return null
  const age = duration((Date.now() - now.since) / 1000)
  return (
    <div class="notice">
      <p>
        <strong>{now.id === 'gone' ? 'The daemon does not answer.' : 'The console’s server does not answer.'}</strong>{' '}
        {state.value && `What is shown is ${age} old. `}
        It is tried again all the time.
      </p>
      {now.id === 'unreachable' && (
        <button type="button" class="button" onClick={reconnect}>
          Try now
        </button>
      )}
    </div>
  )
}
