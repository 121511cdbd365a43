import type { ComponentChildren } from 'preact'
import type { WatcherState } from '../../../api.ts'
import { doing, resize } from '../../actions.ts'
import { bytes, counted, percent } from '../../format.ts'
import { isUseful, VerbButton } from '../../parts/buttons.tsx'
import { EventList } from '../../parts/event-list.tsx'
import { Ago, causeOf } from '../../parts/exit.tsx'
import { Heading } from '../../parts/heading.tsx'
import { Icon } from '../../parts/icon.tsx'
import { confirmed } from '../../parts/question.tsx'
import { StateMark } from '../../parts/state.tsx'
import { linkTo, linkToWatcher, type WatcherTab, watcherTabs } from '../../route.ts'
import { may } from '../../session.ts'
import { events, topicOf, watchers } from '../../store/store.ts'
import { Graphs } from './graphs.tsx'
import { Environment, Options } from './options.tsx'
import { Output } from './output.tsx'
import { Processes } from './processes.tsx'

interface Props {
  readonly name: string
  readonly tab: WatcherTab
}

/** All about one watcher. */
export function WatcherPage({ name, tab }: Props) {
  const watcher = watchers.value[name]
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href={linkTo('overview')}>Overview</a>
      </nav>
      <Heading title={name}>
        {watcher && <StateMark watcher={watcher} />}
        {watcher && may('operate') && <Actions name={name} watcher={watcher} />}
      </Heading>
      {watcher ? (
        <>
          <Facts watcher={watcher} />
          <Graphs name={name} />
          <Tabs name={name} tab={tab} />
          <Part name={name} tab={tab} />
        </>
      ) : (
        <p class="empty">The daemon has no watcher of that name. It may have been removed.</p>
      )}
    </>
  )
}

function Actions({ name, watcher }: { name: string; watcher: WatcherState }) {
  const { status, wanted, singleton } = watcher
  return (
    <div class="actions push">
      {(['start', 'reload', 'restart', 'stop'] as const).map((verb) => (
        <VerbButton key={verb} verb={verb} names={[name]} worded disabled={!isUseful(verb, status)} />
      ))}
      <span class="joined">
        <button
          type="button"
          class="button"
          aria-disabled={wanted === 0}
          onClick={() => wanted > 0 && void resize(name, -1)}
        >
          <Icon name="minus" />
          <span class="unseen">One process less</span>
        </button>
        <button
          type="button"
          class="button"
          aria-disabled={singleton && wanted > 0}
          onClick={() => !(singleton && wanted > 0) && void resize(name, 1)}
        >
          <Icon name="plus" />
          <span class="unseen">One process more</span>
        </button>
      </span>
      {may('admin') && (
        <button type="button" class="button" onClick={() => void remove(name, watcher)}>
          Remove
        </button>
      )}
    </div>
  )
}

async function remove(name: string, { alive }: WatcherState): Promise<void> {
  const text = `“${name}” is taken out of the daemon, and its ${counted(alive, 'process', 'processes')} end. The configuration file stays as it is: reloading that brings it back.`
  if (!(await confirmed({ title: `Remove ${name}?`, text, confirm: 'Remove' }))) return
  if (await doing(`Removing ${name} …`, `Removed ${name}`, 'rm', { name, waiting: true }))
    location.hash = linkTo('overview')
}

function Facts({ watcher }: { watcher: WatcherState }) {
  const { alive, wanted, cpu, rssBytes, restarts, lastExit, startedAt, reason, priority, singleton } = watcher
  return (
    <>
      {reason && <p class="notice">Stopped: {reason}</p>}
      <dl class="facts">
        <Fact title="Processes">
          {alive} / {wanted}
          {singleton && <span class="badge">singleton</span>}
        </Fact>
        <Fact title="CPU">{percent(cpu)}</Fact>
        <Fact title="Memory">{bytes(rssBytes)}</Fact>
        <Fact title="Restarts">{restarts ?? '–'}</Fact>
        {startedAt !== undefined && (
          <Fact title="Active for">
            <Ago time={startedAt} />
          </Fact>
        )}
        <Fact title="Priority">{priority}</Fact>
        {lastExit && (
          <Fact title="Last exit">
            pid {lastExit.pid}, {causeOf(lastExit)}, <Ago time={lastExit.time} /> ago
          </Fact>
        )}
      </dl>
      {lastExit && !lastExit.expected && (lastExit.lines?.length ?? 0) > 0 && (
        <details class="last-words">
          <summary>What {lastExit.pid} wrote last</summary>
          <pre>{lastExit.lines?.join('\n')}</pre>
        </details>
      )}
    </>
  )
}

const Fact = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <div>
    <dt>{title}</dt>
    <dd>{children}</dd>
  </div>
)

const tabWords: Readonly<Record<WatcherTab, string>> = {
  processes: 'Processes',
  output: 'Output',
  options: 'Options',
  environment: 'Environment',
  events: 'Events',
}

const Tabs = ({ name, tab }: Props) => (
  <nav class="tabs" aria-label={`Parts of ${name}`}>
    {watcherTabs.map((each) => (
      <a key={each} href={linkToWatcher(name, each)} aria-current={each === tab ? 'page' : undefined}>
        {tabWords[each]}
      </a>
    ))}
  </nav>
)

function Part({ name, tab }: Props) {
  switch (tab) {
    case 'processes':
      return <Processes name={name} />
    case 'output':
      return <Output name={name} />
    case 'options':
      return <Options name={name} />
    case 'environment':
      return <Environment name={name} />
    case 'events':
      return <EventList events={events.value.filter(({ watcher }) => watcher === topicOf(name))} />
    default:
      return tab satisfies never
  }
}
