import { AddPage } from './pages/add.tsx'
import { DaemonPage } from './pages/daemon.tsx'
import { EventsPage } from './pages/events.tsx'
import { LoginPage } from './pages/login.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { PanelPage } from './pages/panel.tsx'
import { PluginsPage } from './pages/plugins.tsx'
import { SocketsPage } from './pages/sockets.tsx'
import { WatcherPage } from './pages/watcher/page.tsx'
import { Announcer } from './parts/announcer.tsx'
import { Heading } from './parts/heading.tsx'
import { LinkNotice } from './parts/link-notice.tsx'
import { QuestionDialog } from './parts/question.tsx'
import { Sidebar } from './parts/sidebar.tsx'
import { Toasts } from './parts/toasts.tsx'
import { type Route, route } from './route.ts'
import { session } from './session.ts'
import { isStale, state } from './store/store.ts'

/** The whole page. */
export function App() {
  const { id } = session.value
  if (id === 'asking') return <Loading what="Coming in" />
  if (id === 'out') return <LoginPage />
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        Skip to the content
      </button>
      <div class="shell">
        <Sidebar />
        <main id="content" tabIndex={-1} class={isStale.value ? 'content is-stale' : 'content'}>
          <LinkNotice />
          {state.value ? <Place route={route.value} /> : <Loading what="Waiting for the daemon’s state" />}
        </main>
      </div>
      <Toasts />
      <Announcer />
      <QuestionDialog />
    </>
  )
}

const Loading = ({ what }: { what: string }) => (
  <p class="loading" role="status">
    {what} …
  </p>
)

function Place({ route }: { route: Route }) {
  switch (route.id) {
    case 'overview':
      return <OverviewPage />
    case 'watcher':
      return <WatcherPage key={route.name} name={route.name} tab={route.tab} />
    case 'add':
      return <AddPage />
    case 'sockets':
      return <SocketsPage />
    case 'events':
      return <EventsPage />
    case 'plugins':
      return <PluginsPage />
    case 'daemon':
      return <DaemonPage />
    case 'panel':
      return <PanelPage key={route.command} command={route.command} />
    case 'unknown':
      return (
        <Heading title="Nothing is here">
          <a href="#/">To the overview</a>
        </Heading>
      )
    default:
      return route satisfies never
  }
}
