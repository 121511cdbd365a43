import { type Browser, chromium, type Page } from 'playwright-core'
import { Daemon } from '../support/daemon.ts'
import { Folder } from '../support/folder.ts'

/** How long, in milliseconds, a test waits for what the page is to show. */
const patienceMs = 20_000

/** Debian's Chromium. */
export const startBrowser = (...args: string[]): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', ...args] })

/** A daemon with the console in it, and a browser. All of it ends with the scope. */
export class Console implements AsyncDisposable {
  readonly folder: Folder
  readonly daemon: Daemon
  readonly browser: Browser
  /** As the log has it: lets one in. */
  readonly link: string
  /** What pages said that they should not have: errors, and violations of the policy. */
  readonly complaints: string[] = []

  /** @param circus More of `[circus]`. */
  static async start(ini: string, circus = ''): Promise<Console> {
    await using started = new AsyncDisposableStack()
    const folder = started.use(new Folder())
    const daemon = started.use(
      await Daemon.start(
        folder,
        ini.replaceAll('FOLDER', folder.path),
        [],
        `statsd = True\nstats_endpoint = ipc://${folder.at('stats')}\nhttpd = True\nhttpd_port = 0\n${circus}`,
      ),
    )
    const [, link = ''] = await daemon.line(/the web console is at (\S+?)["\s]/)
    const browser = started.adopt(await startBrowser(), (each) => each.close())
    return new Console(folder, daemon, browser, link, started.move())
  }

  readonly #kept: AsyncDisposableStack

  private constructor(folder: Folder, daemon: Daemon, browser: Browser, link: string, kept: AsyncDisposableStack) {
    this.folder = folder
    this.daemon = daemon
    this.browser = browser
    this.link = link
    this.#kept = kept
  }

  /** The address without what lets one in. */
  get address(): string {
    return this.link.replace(/#.*/, '')
  }

  /** A page in a browser of its own: no cookies of others. */
  async page(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    return page
  }

  /** A page of somebody who came by the link. */
  async enter(options?: Parameters<Browser['newContext']>[0]): Promise<Page> {
    const page = await this.page(options)
    await page.goto(this.link)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    return page
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#kept.disposeAsync()
  }
}
