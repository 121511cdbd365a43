import type { ComponentChildren } from 'preact'
import { bytes, percent } from '../../format.ts'
import { isTrouble } from '../../parts/health.ts'
import { linkTo, type Place } from '../../route.ts'
import { state, watchers } from '../../store/store.ts'

/** All of it in a few figures. */
export function Tiles() {
  const all = Object.values(watchers.value)
  const sum = (read: (watcher: (typeof all)[number]) => number | undefined) =>
    all.reduce((total, watcher) => total + (read(watcher) ?? 0), 0)
  const trouble = all.filter(isTrouble).length
  const { sockets = {}, plugins = {} } = state.value ?? {}
  const queue = Object.values(sockets).reduce((total, socket) => total + (socket.queue ?? 0), 0)
  const failing = Object.values(plugins).filter(({ running, failures }) => !running || failures > 0).length
  return (
    <ul class="tiles">
      <Tile title="Watchers" figure={`${all.filter(({ status }) => status === 'active').length} / ${all.length}`}>
        {trouble === 0 ? 'all well' : <span class="bad">{trouble} in trouble</span>}
      </Tile>
      <Tile
        title="Processes"
        figure={`${sum(({ alive }) => alive)} / ${sum(({ status, wanted }) => (status === 'stopped' ? 0 : wanted))}`}
      >
        alive / wanted
      </Tile>
      <Tile title="CPU" figure={percent(sum(({ cpu }) => cpu))}>
        of one processor
      </Tile>
      <Tile title="Memory" figure={bytes(sum(({ rssBytes }) => rssBytes))}>
        resident
      </Tile>
      <Tile title="Sockets" figure={String(Object.keys(sockets).length)} place="sockets">
        {queue === 0 ? 'nothing waits' : `${queue} waiting`}
      </Tile>
      <Tile title="Plugins" figure={String(Object.keys(plugins).length)} place="plugins">
        {failing === 0 ? 'all well' : <span class="bad">{failing} with failures</span>}
      </Tile>
    </ul>
  )
}

interface TileProps {
  readonly title: string
  readonly figure: string
  readonly place?: Place
  readonly children: ComponentChildren
}

const Tile = ({ title, figure, place, children }: TileProps) => (
  <li class="tile">
    <span class="tile-title">{place ? <a href={linkTo(place)}>{title}</a> : title}</span>
    <span class="tile-figure">{figure}</span>
    <span class="tile-note">{children}</span>
  </li>
)
