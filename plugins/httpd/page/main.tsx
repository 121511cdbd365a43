import 'uplot/dist/uPlot.min.css'
import './style/base.css'
import './style/layout.css'
import './style/parts.css'
import './style/table.css'
import './style/pages.css'
import { render } from 'preact'
import { App } from './app.tsx'
import { begin, watchForTokens } from './entrance.ts'
import { followRoute } from './follow-route.ts'
import { keepLive } from './store/live.ts'
import { keepSamples } from './store/samples.ts'
import { followTheme } from './theme.ts'

followTheme()
render(<App />, document.getElementById('page')!)
watchForTokens()
await begin()
followRoute()
keepLive()
keepSamples()
