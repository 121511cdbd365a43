/** Strokes on a square of 16. */
const paths = {
  start: 'M5 3.2v9.6l7.5-4.8z',
  stop: 'M4 4h8v8H4z',
  restart: 'M13 8a5 5 0 1 1-1.6-3.7M13 2.2v2.6h-2.6',
  reload: 'M3 6.4A5.2 5.2 0 0 1 12.6 5.6M13 2.6v3h-3M13 9.6A5.2 5.2 0 0 1 3.4 10.4M3 13.4v-3h3',
  plus: 'M8 3.5v9M3.5 8h9',
  minus: 'M3.5 8h9',
  close: 'M4 4l8 8M12 4l-8 8',
  overview: 'M2.5 3.5h11M2.5 8h11M2.5 12.5h11',
  events: 'M2 8h3l2-4.5 2.5 9L11.5 8H14',
  sockets: 'M5 2.5v3M11 2.5v3M3.5 5.5h9V8a4.5 4.5 0 0 1-9 0zM8 12.5V15',
  plugins: 'M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM11 9v4M9 11h4',
  daemon: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  add: 'M8 3.5v9M3.5 8h9',
  out: 'M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3',
  theme: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9M10.5 10.5 14 14',
  download: 'M8 2.5v7.5M5 7.5 8 10.5l3-3M3 13.5h10',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  copy: 'M5.5 5.5h8v8h-8zM3 10.5h-.5v-8h8V3',
  edit: 'M3 13l.7-2.8L11 2.9l2.1 2.1-7.3 7.3z',
  signal: 'M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z',
  down: 'M8 3v9M4 8.5 8 12.5l4-4',
} as const

export type IconName = keyof typeof paths

/** A small drawing beside or in place of a word; whoever uses it says the word. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d={paths[name]} />
  </svg>
)
