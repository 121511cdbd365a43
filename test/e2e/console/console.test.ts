import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test, { after, before, describe } from 'node:test'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { lives } from '../support/daemon.ts'
import { Console } from './browser.ts'

const evil = '<img src=x onerror="document.title=1">'

const ini = (workers: number) => `
[watcher:workers]
cmd = sleep 1000
numprocesses = ${workers}

[watcher:idle]
cmd = sleep 1000
autostart = False

[watcher:talker]
cmd = node -e "console.log(process.env.GREETING); console.error('two'); setInterval(() => {}, 1000)"
copy_env = True

[watcher:${evil}]
cmd = sleep 1000

[plugin:shop]
use = ${import.meta.dirname}/../../fixtures/plugins/panel.ts

[env:talker]
GREETING = one ${evil}

[env:${evil}]
GREETING = ${evil}
DATABASE_PASSWORD = hunter2
`

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })

/** Answer the question that a destructive click asks. */
async function confirm(page: Page, about: RegExp, button: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  assert.match(String(await dialog.textContent()), about)
  await dialog.getByRole('button', { name: button, exact: true }).click()
}

describe('the console in Chromium', () => {
  let running: Console
  let page: Page
  before(async () => {
    running = await Console.start(ini(2))
    page = await running.enter()
  })
  after(() => running[Symbol.asyncDispose]())

  const open = (place: string) => page.goto(`${running.address}#/${place}`)

  test('the token of the link lets one in and does not stay in the address; without it one is asked', async () => {
    assert.doesNotMatch(page.url(), /token/)
    const stranger = await running.page()
    await stranger.goto(running.address)
    await stranger.getByRole('heading', { name: 'Log in' }).waitFor()
    await stranger.getByLabel('Link or token').fill('wrong')
    await stranger.getByRole('button', { name: 'Log in' }).click()
    await stranger.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
    await stranger.context().close()
  })

  test('a process that dies is seen to die and to come back', async () => {
    await open('watcher/workers')
    const [pid] = await running.daemon.pids('workers')
    await page.getByRole('rowheader', { name: String(pid) }).waitFor()
    process.kill(pid!, 'SIGKILL')
    await page.getByRole('rowheader', { name: String(pid) }).waitFor({ state: 'detached' })
    await page.getByText(`pid ${pid}, SIGKILL`).waitFor()
    const pids = await running.daemon.pids('workers')
    for (const each of pids) await page.getByRole('rowheader', { name: String(each) }).waitFor()
    assert.equal(pids.length, 2)
  })

  test('start, stop, restart and reload; what destroys asks first and names what it hits', async () => {
    await open('')
    const idle = row(page, 'idle')
    await idle.getByRole('button', { name: 'Start idle', exact: true }).click()
    await idle.getByText('active').waitFor()
    const [first] = await running.daemon.pids('idle')
    await idle.getByRole('button', { name: 'Restart idle' }).click()
    await confirm(page, /1 process of “idle”/, 'Restart')
    await page.getByText('Restarted idle', { exact: true }).waitFor()
    assert.ok(!lives(first!))
    const [second] = await running.daemon.pids('idle')
    await idle.getByRole('button', { name: 'Reload idle' }).click()
    await page.getByText('Reloaded idle', { exact: true }).waitFor()
    assert.ok(!lives(second!))
    await idle.getByRole('button', { name: 'Stop idle' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    assert.equal((await running.daemon.pids('idle')).length, 1)
    await idle.getByRole('button', { name: 'Stop idle' }).click()
    await confirm(page, /nothing takes their place/, 'Stop')
    await idle.getByText('stopped').waitFor()
  })

  test('one process more, one less; a second browser sees it', async () => {
    await open('')
    const other = await running.enter()
    await row(page, 'workers').getByRole('button', { name: 'One process more of workers' }).click()
    for (const each of [page, other]) await row(each, 'workers').getByText('3 / 3').waitFor()
    await row(page, 'workers').getByRole('button', { name: 'One process less of workers' }).click()
    await confirm(page, /one of 3 ends/, 'End one')
    for (const each of [page, other]) await row(each, 'workers').getByText('2 / 2').waitFor()
    await other.context().close()
  })

  test('by keyboard alone: several are searched for, selected and started', async () => {
    await open('events')
    await open('')
    await page.getByRole('searchbox', { name: 'Search watchers by name' }).focus()
    await page.keyboard.type('idle')
    await row(page, 'workers').waitFor({ state: 'detached' })
    await page.getByRole('checkbox', { name: 'Select idle' }).focus()
    await page.keyboard.press('Space')
    const start = page
      .getByRole('region', { name: 'With the selected watchers' })
      .getByRole('button', { name: 'Start', exact: true })
    await start.focus()
    await page.keyboard.press('Enter')
    await row(page, 'idle').getByText('active').waitFor()
    await page.getByRole('searchbox', { name: 'Search watchers by name' }).fill('')
    await row(page, 'workers').waitFor()
  })

  test('a watcher is added, checked while it is written; then removed', async () => {
    await open('add')
    await page.getByLabel('Name', { exact: true }).fill('workers')
    await page.getByLabel('Command').fill('sleep 99')
    await page.getByText(/already exist/).waitFor()
    await page.getByLabel('Name', { exact: true }).fill('added')
    await page.getByRole('button', { name: 'Add an option' }).click()
    await page.getByLabel('Name of option 1').fill('numprocesses')
    await page.getByLabel('Value of numprocesses').fill('many')
    await page.locator('#verdict.wrong').waitFor()
    await page.getByLabel('Value of numprocesses').fill('2')
    await page.getByText('The daemon would take that.').waitFor()
    assert.equal(await page.locator('.ini').textContent(), '[watcher:added]\ncmd = sleep 99\nnumprocesses = 2\n')
    await page.getByRole('button', { name: 'Add watcher' }).click()
    await page.getByRole('heading', { name: 'added' }).waitFor()
    assert.equal((await running.daemon.pids('added')).length, 2)
    await page.getByRole('button', { name: 'Remove' }).click()
    await confirm(page, /its 2 processes end/, 'Remove')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
  })

  test('an option shows where it was set, and is edited with what that will cause', async () => {
    await open('watcher/workers/options')
    const option = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^cmd/ }) })
    await option.getByText(/circus\.ini:\d+/).waitFor()
    const [pid] = await running.daemon.pids('workers')
    await option.getByRole('button', { name: 'Edit cmd' }).click()
    await page.getByLabel('New value of cmd').fill('sleep 2000')
    await page.getByText('This replaces all 2 processes of workers, one by one.').waitFor()
    await page.getByRole('button', { name: 'Set', exact: true }).click()
    await option.getByText('by hand').waitFor()
    assert.ok(!lives(pid!))
  })

  test('output is followed, searched and filtered, and is text whatever it looks like', async () => {
    await open('watcher/talker/output')
    const output = page.getByRole('log', { name: 'Output of talker' })
    await output.getByText(`one ${evil}`).waitFor()
    await page.getByLabel('Stream').selectOption('stderr')
    await output.getByText('one ').waitFor({ state: 'detached' })
    await output.getByText('two').waitFor()
    await page.getByLabel('Stream').selectOption('')
    await page.getByRole('searchbox', { name: 'Search in the output' }).fill('ONERROR')
    assert.equal(await output.locator('mark').textContent(), 'onerror')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ])
    assert.match(readFileSync(await download.path(), 'utf8'), /two/)
  })

  test('names, variables and output with HTML in them are shown as they are; secrets are masked', async () => {
    await open('')
    await row(page, evil).getByRole('link').click()
    await page.getByRole('heading', { name: evil }).waitFor()
    await page.getByRole('link', { name: 'Environment' }).click()
    await page.getByRole('cell', { name: evil }).waitFor()
    assert.doesNotMatch(await page.content(), /hunter2/)
    assert.equal(await page.locator('img[src=x]').count(), 0)
    assert.match(await page.title(), /^<img/)
  })

  test('graphs come back after the page is loaded anew', async () => {
    await open('watcher/workers')
    await page.getByRole('radio', { name: '10 min' }).check({ force: true })
    await page.getByRole('img', { name: /^Memory: now/ }).waitFor()
    await page.reload()
    await page.getByRole('img', { name: /^Memory: now/ }).waitFor()
    assert.ok(await page.getByRole('radio', { name: '10 min' }).isChecked())
  })

  test('the last minute of each watcher comes back as well, whatever its name is', async () => {
    const looked = await running.enter()
    const points = async (name: string) => {
      const line = await row(looked, name).locator('.spark-line').first().getAttribute('d')
      return String(line).split(/[ML]/).length
    }
    let plain = 0
    while (plain < 6) plain = await points('talker')
    const odd = await points(evil)
    assert.ok(odd > plain - 3, `${odd} of ${plain}`)
    await looked.context().close()
  })

  test('a broken configuration is told with its errors and changes nothing; a mended one is applied', async () => {
    await open('daemon')
    const text = readFileSync(running.folder.at('circus.ini'), 'utf8')
    running.folder.write('circus.ini', text.replace('numprocesses = 2', 'numprocesses = many'))
    await page.getByRole('button', { name: 'Reload the configuration' }).click()
    await page.getByText(/circus\.ini:\d+.*numprocesses/s).waitFor()
    running.folder.write('circus.ini', text.replace('numprocesses = 2', 'numprocesses = 4'))
    await page.getByRole('button', { name: 'Reload the configuration' }).click()
    await page.getByText('The configuration was read').waitFor()
    assert.equal((await running.daemon.pids('workers')).length, 4)
  })

  test('a command of a plugin is a page, asked for again and again, whose values are text', async () => {
    await open('')
    await page.getByRole('link', { name: /^Stock <img/ }).click()
    await page.getByRole('cell', { name: `red, ${evil}` }).waitFor()
    await page.getByRole('cell', { name: '{"deep":[1,null]}' }).waitFor()
    await page.getByRole('cell', { name: 'monday' }).waitFor()
    const asked = page.getByRole('definition').filter({ hasText: /^[3-9]$/ })
    await asked.waitFor()
    assert.equal(await page.locator('img[src=x]').count(), 0)
    await open('panel/nothing')
    await page.getByRole('heading', { name: 'There is no such panel, or no more' }).waitFor()
  })

  test('axe finds no violation on any page, light and dark, narrow and wide', async () => {
    const tabs = ['', '/output', '/options', '/environment', '/events'].map((tab) => `watcher/workers${tab}`)
    for (const [width, colorScheme] of [
      [1920, 'light'],
      [360, 'dark'],
    ] as const) {
      const looked = await running.page({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true })
      await looked.goto(running.link)
      await looked.getByRole('heading', { name: 'Overview' }).waitFor()
      for (const place of ['', ...tabs, 'panel/stock', 'add', 'sockets', 'events', 'plugins', 'daemon']) {
        await looked.goto(`${running.address}#/${place}`)
        await looked.getByRole('heading', { level: 1 }).waitFor()
        await looked.evaluate(axe.source)
        const { violations } = (await looked.evaluate('axe.run()')) as { violations: { id: string }[] }
        assert.deepEqual(
          violations.map(({ id }) => id),
          [],
          `${place} at ${width}`,
        )
        assert.equal(
          await looked.evaluate('document.documentElement.scrollWidth <= innerWidth'),
          true,
          `${place} is too wide`,
        )
      }
      await looked.context().close()
    }
  })

  test('no page failed, and none broke its policy', () => {
    assert.deepEqual(
      running.complaints.filter((text) => !/status of (401|400|404|409|422)/.test(text)),
      [],
    )
  })
})
