import assert from 'node:assert/strict'
import { chownSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { Daemon } from './support/daemon.ts'
import { Folder } from './support/folder.ts'
import { npm, pack, packCheckout } from './support/packed.ts'
import { Program, root, runBin, runToEnd } from './support/program.ts'

const folder = new Folder()
/** The package of a new plugin, as `circusctl plugins new` writes it: a project like any other. */
const project = folder.at('circusd-plugin-new-events')
const nowhere = folder.at('nowhere')
const bin = join(project, 'node_modules/.bin')
const CIRCUSCTL_ENDPOINT = `ipc://${folder.at('control')}`
let circusd = ''
let sample = ''
let daemon: Program | undefined

/** The sample package is packed, installed into a new plugin's project next to the packed circusd, and loaded by its daemon. */
before(async () => {
  mkdirSync(nowhere)
  circusd = await packCheckout(folder.at('circusd'))
  assert.equal(await newPlugin('events'), project)
  await npm(project, ['install'])
  cpSync(join(root, 'test/fixtures/packages/circusd-plugin-sample'), folder.at('sample'), { recursive: true })
  sample = await pack(folder.at('sample'), folder.at('packed-sample'), bin)
  await npm(project, ['install', sample])
  const ini = folder.write(
    'circusd-plugin-new-events/sample.ini',
    `${folder.circus}[plugin:sample]\nuse = sample\n[watcher:web]\ncmd = sh -c 'echo up; exec sleep 1000'\nnumprocesses = 2\n`,
  )
  daemon = new Program(join(bin, 'circusd'), [ini])
  await daemon.line(/web: started, pids \d+, \d+/)
})

after(async () => {
  await daemon?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

test('the package installs into an empty prefix, and runs there from JavaScript, with its console', async () => {
  using other = new Folder()
  const prefix = other.at('prefix')
  await npm(other.path, ['install', '--global', '--prefix', prefix, circusd])

  const home = `${prefix}/lib/node_modules/circusd`
  assert.deepEqual(
    globSync('{core,cli,plugins,dist}/**/*.ts', { cwd: home }).filter((file) => !file.endsWith('.d.ts')),
    [],
  )
  assert.ok(existsSync(`${home}/oclif.manifest.json`))
  assert.equal(existsSync(folder.at('circusd/copy/oclif.manifest.json')), false)

  const users = other.at('users')
  const file = other.write(
    'circus.ini',
    `${other.circus}httpd = True\nhttpd_port = 0\n[watcher:web]\ncmd = sh -c 'echo up; exec sleep 1000'\n[plugin:flapping]\n[plugin:mine]\nuse = ./mine.ts\n`,
  )
  other.write(
    'mine.ts',
    "import { definePlugin } from 'circusd'\nexport default definePlugin({ name: 'mine', setup() { console.log('mine runs') } })\n",
  )
  const options = { cwd: other.path, env: { CIRCUSCTL_ENDPOINT: `ipc://${other.at('control')}` } }
  await using running = new Program(`${prefix}/bin/circusd`, [file], options)
  await running.line(/^up$/m)
  await running.line(/mine runs/)
  const ctl = (...args: string[]) => runToEnd(`${prefix}/bin/circusctl`, args, options)
  assert.equal((await ctl('status', 'web')).stdout, 'active\n')
  assert.match((await ctl('--help')).stdout, /numwatchers/)
  const library = await runToEnd(process.execPath, [
    '--input-type=module',
    '-e',
    `
    const { getArbiter } = await import(${JSON.stringify(`${home}/dist/core/index.js`)})
    console.log(typeof getArbiter)`,
  ])
  assert.equal(library.stdout, 'function\n')

  const [, link = ''] = await running.line(/the web console is at (\S+?)["\s]/)
  const [, script = ''] = /src="([^"]+\.js)"/.exec(await (await fetch(link)).text()) ?? []
  for (const encoding of ['br', 'gzip']) {
    const { status, headers } = await fetch(new URL(script, link), { headers: { 'accept-encoding': encoding } })
    assert.deepEqual([status, headers.get('content-encoding')], [200, encoding])
  }
  const authorization = `Bearer ${/token=([^&]+)/.exec(link)?.[1]}`
  const status = await fetch(new URL('api/status?name=web', link), { headers: { authorization } })
  assert.deepEqual(await status.json(), { status: 'active' })
  assert.match((await ctl('users', 'add', 'jane', '--role', 'view', '--file', users)).stderr, /password/i)
  const beside = ['--endpoint', `ipc://${other.at('control')}`, '--port', '0']
  await using console = new Program(`${prefix}/bin/circushttpd`, beside, options)
  await console.line(/the web console is at/)

  assert.equal((await ctl('quit', '--waiting')).code, 0)
  assert.equal((await running.end()).code, 0)
})

const environment = (data: string) => ({ CIRCUSCTL_ENDPOINT, XDG_DATA_HOME: folder.at(data) })

/** The project's circusctl, in a folder of the project. */
function inProject(...args: string[]) {
  const cwd = join(project, 'deep/down')
  mkdirSync(cwd, { recursive: true })
  return runToEnd(join(bin, 'circusctl'), args, { cwd, env: environment('empty') })
}

/** The circusctl of this checkout, where no package is; what it installs goes to a folder `data`. */
const elsewhere = (data: string, ...args: string[]) =>
  runBin('circusctl', args, { cwd: nowhere, env: environment(data) })

test('a command of the daemon’s plugin needs nothing installed on the client', async () => {
  assert.deepEqual(await elsewhere('empty', 'deaths', 'web'), {
    code: 0,
    signal: null,
    stdout: 'web: no deaths\n',
    stderr: '',
  })
  await elsewhere('empty', 'kill', 'web', '--waiting')

  const { stdout } = await elsewhere('empty', 'deaths', 'web', '--order=earliest')
  const one = await elsewhere('empty', 'deaths', '--watcher', 'web', '--last', '1', '--json')

  assert.match(stdout, /^ *PID {2}CODE\n *\d+ {3}-15\n *\d+ {3}-15\n$/)
  assert.equal(JSON.parse(one.stdout).deaths.length, 1)
})

test('its help tells the arguments and flags, and the general help names it', async () => {
  const help = await elsewhere('empty', 'deaths', '--help')
  const general = await elsewhere('empty', '--help')
  const same = await elsewhere('empty', 'help', 'deaths')
  const commands = await elsewhere('empty', 'commands')

  assert.match(help.stdout, /^Tell which processes have died\. \(plugin sample\)$/m)
  assert.match(help.stdout, /circusctl deaths WATCHER \[--last TEXT\] \[--order latest\|earliest\]/)
  assert.match(help.stdout, /--last=TEXT +how many, the latest first; an integer from 1 \(10\)/)
  assert.equal(same.stdout, help.stdout)
  assert.match(general.stdout, /COMMANDS OF THE DAEMON'S PLUGINS .*\n {2}deaths {2}Tell which .* \(sample\)/)
  assert.match(commands.stdout, /^deaths +Tell which processes have died\. \(sample\)$/m)
})

for (const [what, args, message] of [
  [
    'a missing argument',
    [],
    /^circusctl deaths: WATCHER is missing: the watcher's name\nUsage: circusctl deaths WATCHER/,
  ],
  ['a text for a number', ['web', '--last', 'x'], /--last must be an integer from 1, not 'x'/],
  ['a number that is too small', ['web', '--last', '0'], /--last must be an integer from 1, not '0'/],
  [
    'another word than those there are',
    ['web', '--order', 'odd'],
    /--order must be one of latest, earliest, not 'odd'/,
  ],
  ['a flag without its value', ['web', '--last'], /--last needs a value: how many/],
  ['a flag there is not', ['web', '--lest', '1'], /there is no flag --lest.*\nUsage: /],
  ['an argument too many', ['web', 'more'], /there is no place for 'more'/],
] as const) {
  test(`${what} is told with how to write it, and exits 2`, async () => {
    const { code, stderr } = await elsewhere('empty', 'deaths', ...args)

    assert.match(stderr, message)
    assert.equal(code, 2)
  })
}

test('a name that nobody knows is told with the nearest one', async () => {
  const { code, stderr } = await elsewhere('empty', 'deths')

  assert.equal(code, 2)
  assert.match(stderr, /^circusctl deths: there is no such command, here or at the daemon; did you mean 'deaths'\?/)
})

test('a package of the project brings an oclif command, below the project’s folder only', async () => {
  const sizes = await inProject('sample', 'sizes')
  const help = await inProject('sample', 'sizes', '--help')
  const json = await inProject('sample', 'sizes', 'we', '--least', '2', '--json')
  const general = await inProject('--help')
  const outside = await elsewhere('empty', 'sample', 'sizes')

  assert.deepEqual(sizes, { code: 0, signal: null, stdout: 'web: 2\n', stderr: '' })
  assert.match(help.stdout, /^Tell how many processes each watcher has\.$/m)
  assert.deepEqual(JSON.parse(json.stdout), { sizes: { web: 2 } })
  assert.match(general.stdout, /COMMANDS OF circusd-plugin-sample\n {2}sample sizes {2}Tell how many/)
  assert.equal(outside.code, 2)
})

test('completion offers the commands of the daemon’s plugins and of packages, and their words', async () => {
  const offered = async (...words: string[]) =>
    (await inProject('__complete', 'fish', 'circusctl', '--', ...words)).stdout

  assert.match(await offered('de'), /^deaths\tTell which processes have died\.$/m)
  assert.match(await offered('sa'), /^sample\tTell how many processes each watcher has\.$/m)
  assert.equal(await offered('sample', ''), 'sizes\n')
  assert.match(await offered('deaths', 'web', '--order', ''), /^earliest$/m)
})

test('an oclif command ends like ours when the daemon refuses or is not there', async () => {
  const nobody = await inProject('sample', 'sizes', '--endpoint', `ipc://${folder.at('nobody')}`)
  const mistake = await inProject('sample', 'sizes', '--least', 'x')

  assert.equal(nobody.code, 1)
  assert.match(nobody.stderr, /^circusctl: cannot reach a circusd at ipc:/)
  assert.equal(mistake.code, 2)
})

test('circusctl plugins install takes a tarball or a folder, and uninstall a name', async () => {
  const installed = await elsewhere('data', 'plugins', 'install', sample)
  const again = await elsewhere('data', 'plugins', 'install', join(project, 'node_modules/circusd-plugin-sample'))
  const sizes = await elsewhere('data', 'sample', 'sizes')
  const listed = await elsewhere('data', 'plugins')
  const uninstalled = await elsewhere('data', 'plugins', 'uninstall', 'circusd-plugin-sample')
  const after = await elsewhere('data', 'sample', 'sizes')

  const shown = 'circusd-plugin-sample 1.0.0 (installed)\n  sample sizes  Tell how many processes each watcher has.\n'
  assert.deepEqual(installed, { code: 0, signal: null, stdout: shown, stderr: '' })
  assert.equal(again.stdout, shown)
  assert.deepEqual(sizes, { code: 0, signal: null, stdout: 'web: 2\n', stderr: '' })
  assert.ok(listed.stdout.endsWith(`\n\ncommands for circusctl:\n${shown}`), listed.stdout)
  assert.equal(uninstalled.code, 0)
  assert.equal(after.code, 2)
})

test('what cannot be installed changes nothing and says why', async () => {
  const without = folder.write('plain/package.json', '{ "name": "plain", "version": "1.0.0" }')
  const install = (what: string) => elsewhere('none', 'plugins', 'install', what)
  const plain = await install(join(without, '..'))
  const missing = await install(folder.at('missing.tgz'))
  const broken = await install(folder.write('broken.tgz', 'no archive'))
  const unpacked = await install(join(root, 'test/fixtures/packages/circusd-plugin-sample'))
  const nameless = await elsewhere('none', 'plugins', 'install')
  const unknown = await elsewhere('none', 'plugins', 'uninstall', '../..')

  assert.match(plain.stderr, /brings no commands for circusctl: its package\.json has no "oclif"/)
  assert.match(missing.stderr, /there is no .*missing\.tgz$/m)
  assert.match(broken.stderr, /npm could not install .*; nothing was changed/)
  assert.match(unpacked.stderr, /it has no oclif\.manifest\.json/)
  assert.match(nameless.stderr, /install needs the name of a package/)
  assert.match(unknown.stderr, /'\.\.\/\.\.' is no name of a package/)
  assert.deepEqual(
    [plain, missing, broken, unpacked, nameless, unknown].map(({ code }) => code),
    [2, 2, 1, 2, 2, 2],
  )
  assert.ok(existsSync(folder.at('none/circusctl/plugins')))
  assert.match((await elsewhere('none', 'plugins')).stdout, /^no packages bring commands here$/m)
})

test('no script of an installed package is run', async () => {
  const source = folder.at('scripted')
  cpSync(join(project, 'node_modules/circusd-plugin-sample'), source, { recursive: true })
  const trace = folder.at('was-run')
  folder.write(
    'scripted/package.json',
    JSON.stringify({
      name: 'scripted',
      version: '1.0.0',
      type: 'module',
      oclif: { commands: './commands' },
      scripts: Object.fromEntries(
        ['preinstall', 'install', 'postinstall', 'prepare', 'prepack'].map((name) => [name, `touch ${trace}`]),
      ),
    }),
  )

  const { code, stderr } = await elsewhere('scripts', 'plugins', 'install', source)

  assert.equal(code, 0, stderr)
  assert.equal(existsSync(trace), false)
})

test('a package cannot take the place of a command of circusctl', async () => {
  const command = { id: 'status', summary: 'Mine.', aliases: ['list'] }
  folder.write('greedy/node_modules/circusd-plugin-greedy/package.json', '{"name":"circusd-plugin-greedy","oclif":{}}')
  folder.write(
    'greedy/node_modules/circusd-plugin-greedy/oclif.manifest.json',
    JSON.stringify({ commands: { status: command } }),
  )
  folder.write('greedy/package.json', '{ "dependencies": { "circusd-plugin-greedy": "*" } }')
  const options = { cwd: folder.at('greedy'), env: environment('empty') }

  assert.equal((await runBin('circusctl', ['status', 'web'], options)).stdout, 'active\n')
  assert.equal((await runBin('circusctl', ['list'], options)).stdout, 'web\n')
  assert.equal((await runBin('circusctl', ['status', '--help'], options)).stdout.includes('Mine.'), false)
})

if (process.geteuid?.() === 0) {
  test('root runs nothing of a project that belongs to another user', async () => {
    const stranger = folder.at('stranger')
    cpSync(project, stranger, { recursive: true, verbatimSymlinks: true })
    const options = { cwd: stranger, env: environment('empty') }
    assert.equal((await runBin('circusctl', ['sample', 'sizes'], options)).code, 0)
    chownSync(join(stranger, 'package.json'), 65_534, 65_534)

    const { code, stderr } = await runBin('circusctl', ['sample', 'sizes'], options)

    assert.equal(code, 2)
    assert.match(stderr, /there is no such command/)
  })
}

test('without a daemon, help says what there is without it', async () => {
  const options = { cwd: nowhere, env: { ...environment('empty'), CIRCUSCTL_ENDPOINT: `ipc://${folder.at('nobody')}` } }

  const { code, stdout, stderr } = await runBin('circusctl', ['--help'], options)

  const slip = await runBin('circusctl', ['statsu'], options)

  assert.equal(code, 0)
  assert.match(stdout, /numwatchers/)
  assert.equal(slip.code, 1)
  assert.match(slip.stderr, /cannot reach .*; circusctl itself has no command 'statsu'; did you mean 'stats'\?/)
  assert.doesNotMatch(stdout, /PLUGINS/)
  assert.equal(stderr, '')
})

test('a daemon that ends its plugin forgets the command', async () => {
  using other = new Folder()
  const use = join(project, 'node_modules/circusd-plugin-sample/index.js')
  await using running = await Daemon.start(other, `[plugin:sample]\nuse = ${use}\n`)
  assert.equal((await running.ctl('deaths', 'last')).stdout, 'last: no deaths\n')
  other.write('circus.ini', `${other.circus}[watcher:web]\ncmd = sleep 1000\n`)

  await running.ctl('reloadconfig', '--waiting')

  assert.match((await running.ctl('deaths', 'last')).stderr, /no such command/)
})

/** A new plugin, in a folder of its own, that knows the packed circusd. Returns that. */
async function newPlugin(kind: string): Promise<string> {
  const flags = ['--kind', kind, '--circusd', circusd, '--into', folder.path, '--json']
  const { stdout, stderr } = await elsewhere('none', 'plugins', 'new', `new-${kind}`, ...flags)
  assert.equal(stderr, '')
  return JSON.parse(stdout).folder
}

test('a new plugin of each kind installs, builds and passes its tests as it is, and a daemon loads it by its name', async () => {
  const others = await Promise.all(['hooks', 'command', 'stream'].map(newPlugin))
  await npm(project, ['test'])
  const built = await pack(project, folder.at('packed-new')) // which runs npm run build
  // What npm does for the others, without its own time.
  for (const other of others) symlinkSync(join(project, 'node_modules'), join(other, 'node_modules'))
  const run = async (command: string, args: readonly string[]) => {
    const { code, stdout, stderr } = await runToEnd(command, args, { cwd: folder.path, env: { NODE_TEST_CONTEXT: '' } })
    assert.equal(code, 0, `${command} ${args.join(' ')}:\n${stdout}${stderr}`)
    return stdout
  }
  const [tests] = await Promise.all([
    run(process.execPath, [
      '--test',
      '--test-isolation=none',
      ...others.map((other) => join(other, 'test/index.test.ts')),
    ]),
    ...others.map((other) => run(join(bin, 'tsc'), ['-p', join(other, 'tsconfig.build.json')])),
  ])
  assert.match(tests, /^(#|ℹ) pass 6$/m)

  folder.write('home/package.json', '{ "private": true }')
  await npm(folder.at('home'), ['install', '--legacy-peer-deps', '--no-save', built])
  for (const other of others) symlinkSync(other, folder.at(`home/node_modules/${basename(other)}`))
  const names = ['new-events', 'new-hooks', 'new-command', 'new-stream']
  const sections = names.map((name) => `[plugin:${name}]\nuse = ${name}\n`).join('')
  using other = new Folder()
  const watcher = `[watcher:web]\ncmd = sh -c 'echo $STARTED_BY; exec sleep 60'\nstderr_stream.class = NewStream\nstderr_stream.pattern = .\n`
  const ini = folder.write('home/circus.ini', `${other.circus}${sections}${watcher}`)
  await using running = new Program(join(bin, 'circusd'), [ini, '--log-level', 'debug'])
  await running.line(/web: started/)
  for (const name of names)
    assert.match(running.stderr, new RegExp(`${name} loaded from .*circusd-plugin-${name}/dist/index.js`))
  assert.doesNotMatch(running.stderr, /\[ERROR\]/)
  await running.line(/^new-hooks$/m)
  const env = { CIRCUSCTL_ENDPOINT: `ipc://${other.at('control')}` }
  assert.deepEqual(JSON.parse((await runBin('circusctl', ['new-command', '--json'], { env })).stdout).ends, [])
})

test('a new plugin takes no other’s place, and says what its name may be', async () => {
  const create = (...args: string[]) => elsewhere('none', 'plugins', 'new', ...args, '--into', folder.at('made'))
  assert.equal((await create('@scope/web-hook')).code, 0)
  const manifest = folder.at('made/circusd-plugin-web-hook/package.json')
  assert.equal(JSON.parse(readFileSync(manifest, 'utf8')).name, '@scope/circusd-plugin-web-hook')
  const before = readFileSync(manifest, 'utf8')
  const answers = [
    [await create('web-hook'), /web-hook is there already, and stays as it is/],
    [await create('Web Hook'), /'Web Hook' cannot be the name of a plugin: lower-case letters/],
    [await create('flapping'), /circusd has a plugin flapping of its own/],
    [await create('status', '--kind', 'command'), /circusctl has a command status of its own/],
    [await create('other', '--kind', 'hook'), /--kind takes events, hooks, command, stream, not 'hook'/],
    [await create(), /new needs a name/],
  ] as const
  for (const [{ code, stderr }, expected] of answers) {
    assert.match(stderr, expected)
    assert.equal(code, 2)
  }
  assert.equal(readFileSync(manifest, 'utf8'), before)
})
