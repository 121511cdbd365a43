import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { after, before, describe } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { loadUsers } from '../../../core/plugin.ts'
import { Daemon } from '../support/daemon.ts'
import { Folder } from '../support/folder.ts'
import { bin, Program } from '../support/program.ts'
import { startBrowser } from './browser.ts'

const { addUser } = await loadUsers()
const ini = '[watcher:web]\ncmd = sleep 1000\n'
const password = 'correct horse'

describe('circushttpd with users, in Chromium', () => {
  const folder = new Folder()
  let daemon: Daemon
  let server: Program
  let browser: Browser
  let address: string
  before(async () => {
    const users = folder.at('users')
    for (const role of ['view', 'admin'] as const) await addUser(users, { name: role, role, password })
    daemon = await Daemon.start(folder, ini)
    server = new Program(process.execPath, [
      bin('circushttpd'),
      '--endpoint',
      daemon.endpoint,
      '--port',
      '0',
      '--users',
      users,
    ])
    ;[, address = ''] = await server.line(/the web console is at (http\S+\/)/)
    browser = await startBrowser('--host-resolver-rules=MAP evil.example 127.0.0.1')
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
    await daemon?.[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const enter = async (user: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage()
    await page.goto(address)
    await page.getByLabel('Name').fill(user)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    return page
  }

  test('who may only look has no buttons that change anything, and is refused without them, too', async () => {
    const page = await enter('view')
    await page.getByRole('link', { name: 'web' }).waitFor()
    assert.equal(
      await page.getByRole('button', { name: /(Start|Stop|Restart|Reload|process (more|less) of) web/ }).count(),
      0,
    )
    assert.equal(await page.getByRole('link', { name: 'Add watcher' }).count(), 0)
    const status = await page.evaluate(`(async () => {
      const { csrf } = await (await fetch('api/session')).json()
      const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf }
      return (await fetch('api/stop', { method: 'POST', headers, body: '{"name":"web"}' })).status
    })()`)
    assert.equal(status, 403)
    await page.context().close()
  })

  test('a page of another site can neither do anything nor read anything, nor can one by another name of this host', async () => {
    const page = await enter('admin')
    const [pid] = await daemon.pids('web')
    const site = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>elsewhere</h1>'),
    )
    site.listen(0, '127.0.0.1')
    await once(site, 'listening')
    try {
      const stranger = await page.context().newPage()
      await stranger.goto(`http://localhost:${(site.address() as AddressInfo).port}/`)
      await stranger.evaluate(
        `fetch('${address}api/stop', { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"name":"web"}' }).catch(() => {})`,
      )
      const read = await stranger.evaluate(
        `fetch('${address}api/describe', { credentials: 'include' }).then(() => 'read', () => 'refused')`,
      )
      assert.equal(read, 'refused')
      await stranger.setContent(
        `<form method="post" action="${address}api/stop"><input name="name" value="web"></form>`,
      )
      const [answer] = await Promise.all([
        stranger.waitForResponse(/api\/stop/),
        stranger.evaluate('document.forms[0].submit()'),
      ])
      assert.ok(answer.status() >= 400)
      assert.deepEqual(await daemon.pids('web'), [pid])
    } finally {
      site.close()
      site.closeAllConnections()
    }
    const { port } = new URL(address)
    const rebound = await (await browser.newContext()).newPage()
    const [answer] = await Promise.all([
      rebound.waitForResponse(() => true),
      rebound.goto(`http://evil.example:${port}/`).catch(() => {}),
    ])
    assert.ok(answer.status() >= 400, `${answer.status()}`)
    await rebound.context().close()
    await page.context().close()
  })

  test('a lost daemon is told of, with how old all is; when it is back, all goes on by itself', async () => {
    const page = await enter('view')
    await page.getByRole('link', { name: 'web' }).waitFor()
    await daemon.ask('quit', '--waiting')
    await daemon.end()
    await page.getByText('The daemon does not answer.').waitFor()
    await page.getByText(/What is shown is \d+s old/).waitFor()
    daemon = await Daemon.start(folder, `${ini}[watcher:new]\ncmd = sleep 1000\n`)
    await page.getByRole('link', { name: 'new' }).waitFor()
    await page.getByText('The daemon does not answer.').waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('who logs out is out, in the other tabs of that browser as well', async () => {
    const page = await enter('view')
    const second = await page.context().newPage()
    await second.goto(address)
    await second.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    for (const each of [page, second]) await each.getByRole('heading', { name: 'Log in' }).waitFor()
    await page.context().close()
  })
})
