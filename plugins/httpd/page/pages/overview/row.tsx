import { useComputed } from '@preact/signals'
import type { WatcherState } from '../../../api.ts'
import { resize } from '../../actions.ts'
import { bytes, percent } from '../../format.ts'
import { isUseful, VerbButton } from '../../parts/buttons.tsx'
import { LastExit } from '../../parts/exit.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Sparkline } from '../../parts/sparkline.tsx'
import { StateMark } from '../../parts/state.tsx'
import { linkToWatcher } from '../../route.ts'
import { samplesOf } from '../../store/samples.ts'
import { beat, watchers } from '../../store/store.ts'
import { tick, ticked } from './view.ts'

interface Props {
  readonly name: string
  readonly mayAct: boolean
}

/** A watcher in the table. Drawn anew when something about it has changed, and no other with it. */
export function WatcherRow({ name, mayAct }: Props) {
  const watcher = useComputed(() => watchers.value[name]).value
  const isTicked = useComputed(() => ticked.value.has(name)).value
  if (!watcher) return null
  const { status, reason } = watcher
  return (
    <tr role="row" class={isTicked ? 'is-ticked' : undefined}>
      {mayAct && (
        <td role="cell" class="cell-tick">
          <label class="tick">
            <input type="checkbox" checked={isTicked} onChange={() => tick([name], !isTicked)} />
            <span class="unseen">Select {name}</span>
          </label>
        </td>
      )}
      <th role="rowheader" scope="row" class="cell-name">
        <a href={linkToWatcher(name)}>{name}</a>
        {watcher.plugin && <span class="badge">plugin</span>}
        {watcher.singleton && <span class="badge">singleton</span>}
      </th>
      <td role="cell" class="cell-state">
        <StateMark watcher={watcher} />
        {reason && (
          <span class="reason" title={reason}>
            {reason}
          </span>
        )}
      </td>
      <td role="cell" class="cell-alive">
        <Size name={name} watcher={watcher} mayAct={mayAct} />
      </td>
      <td role="cell" class="cell-cpu">
        <Figure name={name} text={percent(watcher.cpu)} kind="cpu" />
      </td>
      <td role="cell" class="cell-memory">
        <Figure name={name} text={bytes(watcher.rssBytes)} kind="rss" />
      </td>
      <td role="cell" class="cell-restarts">
        <span class={watcher.restarts ? undefined : 'faint'}>{watcher.restarts ?? '–'}</span>
      </td>
      <td role="cell" class="cell-exit">
        <LastExit exit={watcher.lastExit} />
      </td>
      {mayAct && (
        <td role="cell" class="cell-actions">
          {(['start', 'reload', 'restart', 'stop'] as const).map((verb) => (
            <VerbButton key={verb} verb={verb} names={[name]} disabled={!isUseful(verb, status)} />
          ))}
        </td>
      )}
    </tr>
  )
}

/** Processes that live and that should, with a button for one more and one less. */
function Size({ name, watcher, mayAct }: Props & { watcher: WatcherState }) {
  const { alive, wanted, singleton, status } = watcher
  const isShort = alive < wanted && status !== 'stopped'
  return (
    <span class="size">
      {mayAct && <SizeButton name={name} by={-1} disabled={wanted === 0} label={`One process less of ${name}`} />}
      <span class={isShort ? 'size-figure bad' : 'size-figure'}>
        {alive}
        <span class="faint"> / {wanted}</span>
      </span>
      {mayAct && (
        <SizeButton name={name} by={1} disabled={singleton && wanted > 0} label={`One process more of ${name}`} />
      )}
    </span>
  )
}

function SizeButton({ name, by, disabled, label }: { name: string; by: 1 | -1; disabled: boolean; label: string }) {
  return (
    <button
      type="button"
      class="button quiet square"
      title={by > 0 ? 'One more' : 'One less'}
      aria-disabled={disabled}
      onClick={() => !disabled && void resize(name, by)}
    >
      <Icon name={by > 0 ? 'plus' : 'minus'} />
      <span class="unseen">{label}</span>
    </button>
  )
}

function Figure({ name, text, kind }: { name: string; text: string; kind: 'cpu' | 'rss' }) {
  return (
    <span class="figure">
      <span class="figure-text">{text}</span>
      <Trace name={name} kind={kind} />
    </span>
  )
}

function Trace({ name, kind }: { name: string; kind: 'cpu' | 'rss' }) {
  beat.value
  const samples = samplesOf(name)
  return <Sparkline values={samples?.[kind] ?? []} least={kind === 'cpu' ? 5 : 1024 * 1024} kind={kind} />
}
