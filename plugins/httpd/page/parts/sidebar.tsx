import { logOut } from '../entrance.ts'
import { bytes, duration, percent } from '../format.ts'
import { linkTo, linkToPanel, type Place, route } from '../route.ts'
import { may, session } from '../session.ts'
import { beat, link, state } from '../store/store.ts'
import { type Theme, theme, themes } from '../theme.ts'
import { timeThere } from '../time.ts'
import { Icon } from './icon.tsx'

const places: readonly { readonly id: Place; readonly title: string }[] = [
  { id: 'overview', title: 'Overview' },
  { id: 'events', title: 'Events' },
  { id: 'sockets', title: 'Sockets' },
  { id: 'plugins', title: 'Plugins' },
  { id: 'daemon', title: 'Daemon' },
  { id: 'add', title: 'Add watcher' },
]

/** Where one can go, how the connection is, and who one is. */
export function Sidebar() {
  const here = route.value.id === 'watcher' ? 'overview' : route.value.id
  return (
    <header class="sidebar">
      <div class="brand">
        <img src="./icon.svg" alt="" width="22" height="22" />
        <span class="brand-name">circus</span>
        <LinkState />
      </div>
      <nav class="places" aria-label="Pages">
        {places.map(
          ({ id, title }) =>
            (id !== 'add' || may('admin')) && (
              <a key={id} href={linkTo(id)} aria-current={here === id ? 'page' : undefined}>
                <Icon name={id === 'add' ? 'add' : id} />
                <span>{title}</span>
              </a>
            ),
        )}
        <Panels />
      </nav>
      <DaemonFigures />
      <div class="self">
        <ThemeChoice />
        <Who />
      </div>
    </header>
  )
}

/** What plugins have to show. */
function Panels() {
  const here = route.value
  const panels = Object.entries(state.value?.panels ?? {}).filter(([, { role }]) => may(role))
  return panels.map(([command, { title, summary }]) => (
    <a
      key={command}
      href={linkToPanel(command)}
      title={summary}
      aria-current={here.id === 'panel' && here.command === command ? 'page' : undefined}
    >
      <Icon name="plugins" />
      <span>{title}</span>
    </a>
  ))
}

const linkWords = { connecting: 'connecting', live: 'live', unreachable: 'stale', gone: 'stale' } as const

const LinkState = () => <span class={`link link-${link.value.id}`}>{linkWords[link.value.id]}</span>

function DaemonFigures() {
  const daemon = state.value?.daemon
  if (!daemon) return null
  beat.value
  return (
    <dl class="daemon-figures">
      <dt>Daemon</dt>
      <dd title={daemon.endpoint}>{daemon.pid === undefined ? '–' : `pid ${daemon.pid}`}</dd>
      <dt>Up</dt>
      <dd>{daemon.startedAt === undefined ? '–' : duration(timeThere() - daemon.startedAt)}</dd>
      <dt>CPU</dt>
      <dd>{percent(daemon.cpu)}</dd>
      <dt>Memory</dt>
      <dd>{bytes(daemon.rssBytes)}</dd>
    </dl>
  )
}

const themeWords: Readonly<Record<Theme, string>> = { auto: 'System colours', light: 'Light', dark: 'Dark' }

const ThemeChoice = () => (
  <label class="theme">
    <span class="unseen">Colours</span>
    <select
      value={theme.value}
      onChange={({ currentTarget }) => {
        theme.value = themes.find((name) => name === currentTarget.value) ?? 'auto'
      }}
    >
      {themes.map((name) => (
        <option key={name} value={name}>
          {themeWords[name]}
        </option>
      ))}
    </select>
  </label>
)

function Who() {
  const now = session.value
  if (now.id !== 'in') return null
  return (
    <div class="who">
      <span class="who-name" title={`role ${now.role}`}>
        {now.name} <span class="faint">{now.role}</span>
      </span>
      {now.auth !== 'none' && (
        <button type="button" class="button quiet square" title="Log out" onClick={() => void logOut()}>
          <Icon name="out" />
          <span class="unseen">Log out</span>
        </button>
      )}
    </div>
  )
}
