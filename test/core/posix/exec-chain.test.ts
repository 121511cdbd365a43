import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { execChain } from '../../../core/posix/exec-chain.ts'
import { limitNames } from '../../../core/posix/limits.ts'
import { temporaryFolder } from '../../harness/index.ts'
import { NOBODY, program, Running, testAsOrdinaryUser, testAsRoot } from './running.ts'

const nothing = { uid: null, gid: null, rlimits: {} }

/** What the program says of itself, by the first word of each line. */
async function identity(confinement: Partial<typeof nothing> | Record<string, unknown>): Promise<Map<string, string>> {
  await using running = new Running({
    argv: [program('tells-who-it-is.sh')],
    confinement: { ...nothing, ...confinement },
  })
  const exit = await running.exited
  assert.equal(exit.exitCode, 0, running.text)
  return new Map(running.text.split('\n').map((line) => [line.split(' ')[0]!, line.slice(line.indexOf(' ') + 1)]))
}

/** What `id` says of a user. */
const id = (flag: string, user: string): string => execFileSync('id', [flag, user], { encoding: 'utf8' }).trim()

/** Existing users: one of them has more groups than its own, where the machine has such a user. */
function users(): string[] {
  const extra = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .map((line) => line.split(':')[3]?.split(',')[0] ?? '')
  return ['daemon', 'nobody', ...extra.filter((name) => name !== '' && name !== 'root').slice(0, 1)]
}

for (const user of users()) {
  testAsRoot(`as root a program runs as ${user}, with its group and all its other groups`, async () => {
    for (const uid of [user, Number(id('-u', user)), id('-u', user)]) {
      const who = await identity({ uid })
      assert.equal(who.get('uid'), id('-u', user))
      assert.equal(who.get('gid'), id('-g', user))
      assert.deepEqual(who.get('groups')?.split(' ').sort(), id('-G', user).split(' ').sort())
    }
  })
}

testAsRoot('gid wins over the group of the user', async () => {
  const who = await identity({ uid: 'nobody', gid: 'daemon' })
  assert.equal(who.get('uid'), String(NOBODY))
  assert.equal(who.get('gid'), '1')
})

testAsRoot('with gid alone the user stays', async () => {
  const who = await identity({ gid: 'daemon' })
  assert.deepEqual([who.get('uid'), who.get('gid')], ['0', '1'])
})

testAsRoot('a number without an entry in the user database keeps none of the groups of root', async () => {
  const who = await identity({ uid: 54321 })
  assert.deepEqual([who.get('uid'), who.get('gid'), who.get('groups')], ['54321', '54321', '54321'])
})

testAsRoot('a program as another user is known by the pid it was started with', async () => {
  await using running = new Running({
    argv: [program('ready.sh')],
    confinement: { uid: NOBODY, gid: null, rlimits: { core: 0 } },
  })
  await running.line(/ready/)
  const status = readFileSync(`/proc/${running.pid}/status`, 'utf8')
  assert.match(status, new RegExp(`^Uid:\\s+${NOBODY}\\s+${NOBODY}\\s+${NOBODY}\\s+${NOBODY}$`, 'm'))
  assert.match(status, /^CapEff:\s+0+$/m)
})

test('the umask of the daemon is that of the program', async () => {
  const before = process.umask(0o027)
  try {
    assert.equal((await identity({})).get('umask'), '0027')
    assert.equal((await identity({ rlimits: { core: 0 } })).get('umask'), '0027')
  } finally {
    process.umask(before)
  }
})

test('every limit is in force, soft and hard, before the first instruction', async () => {
  // Low enough for anybody, high enough to run.
  const wanted: Record<string, [number, RegExp]> = {
    cpu: [1000, /^Max cpu time\s+1000\s+1000/m],
    fsize: [1_000_000, /^Max file size\s+1000000\s+1000000/m],
    data: [1_000_000_000, /^Max data size\s+1000000000\s+1000000000/m],
    stack: [4_000_000, /^Max stack size\s+4000000\s+4000000/m],
    core: [0, /^Max core file size\s+0\s+0/m],
    rss: [900_000_000, /^Max resident set\s+900000000\s+900000000/m],
    nproc: [5000, /^Max processes\s+5000\s+5000/m],
    nofile: [123, /^Max open files\s+123\s+123/m],
    memlock: [65_536, /^Max locked memory\s+65536\s+65536/m],
    as: [3_000_000_000, /^Max address space\s+3000000000\s+3000000000/m],
    locks: [11, /^Max file locks\s+11\s+11/m],
    sigpending: [500, /^Max pending signals\s+500\s+500/m],
    msgqueue: [8000, /^Max msgqueue size\s+8000\s+8000/m],
    nice: [0, /^Max nice priority\s+0\s+0/m],
    rtprio: [0, /^Max realtime priority\s+0\s+0/m],
    rttime: [7_000_000, /^Max realtime timeout\s+7000000\s+7000000/m],
  }
  assert.deepEqual(
    limitNames.filter((name) => !(name in wanted)),
    ['ofile'],
  )
  const rlimits = Object.fromEntries(Object.entries(wanted).map(([name, [value]]) => [name, value]))
  await using running = new Running({ argv: ['cat', '/proc/self/limits'], confinement: { ...nothing, rlimits } })
  await running.exited
  for (const [, pattern] of Object.values(wanted)) assert.match(running.text, pattern)
})

testAsRoot('limits and user together: the limits hold for the user', async () => {
  await using running = new Running({
    argv: ['sh', '-c', 'id -u; ulimit -n; ulimit -Hn'],
    confinement: { uid: NOBODY, gid: null, rlimits: { nofile: 77 } },
  })
  await running.exited
  assert.equal(running.text, `${NOBODY}\n77\n77\n`)
})

test('a limit that this daemon cannot give is an error that says so', () => {
  for (const nofile of ['unlimited', 2 ** 40] as const) {
    assert.throws(() => new Running({ confinement: { ...nothing, rlimits: { nofile } } }), {
      code: 'ERR_SPAWN_FAILED',
      message: /rlimit_nofile = \S+ is more than/,
    })
  }
})

test('an unknown user or group is an error that says so', () => {
  assert.throws(() => new Running({ confinement: { ...nothing, uid: 'nosuchuser' } }), /no such user/)
  assert.throws(() => new Running({ confinement: { ...nothing, gid: 'nosuchgroup' } }), /no such group/)
})

testAsOrdinaryUser('an ordinary user runs programs as itself, and as nobody else', async () => {
  const me = process.getuid!()
  assert.equal((await identity({ uid: me, gid: process.getgid!() })).get('uid'), String(me))
  assert.throws(() => new Running({ confinement: { ...nothing, uid: 'daemon' } }), {
    code: 'ERR_SPAWN_FAILED',
    message: /only root/,
  })
  assert.throws(() => new Running({ confinement: { ...nothing, gid: 0 } }), /only root/)
})

test('nothing that the environment makes a C library load is loaded while the chain is still root', () => {
  const env = { PATH: '/bin', LD_PRELOAD: '/tmp/x.so', LD_AUDIT: '/tmp/y.so', GCONV_PATH: '/tmp', LDX: 'harmless' }
  const confinement = { ...nothing, rlimits: { core: 0 } }
  const chain = execChain('web', confinement, '/bin/true', env)
  assert.deepEqual(chain.env, { PATH: '/bin', LDX: 'harmless' })
  assert.deepEqual(chain.prefix.slice(-3), ['LD_PRELOAD=/tmp/x.so', 'LD_AUDIT=/tmp/y.so', 'GCONV_PATH=/tmp'])
  assert.deepEqual(execChain('web', nothing, '/bin/true', env), { prefix: [], env })
  assert.throws(() => execChain('web', confinement, '/opt/a=b', env), { code: 'ERR_SPAWN_FAILED' })
})

test('the program gets its whole environment at the end of a chain', async () => {
  const env = { LD_LIBRARY_PATH: '/nonexistent', MALLOC_ARENA_MAX: '1', A: "it's = here" }
  await using running = new Running({ argv: ['env'], env, confinement: { ...nothing, rlimits: { core: 0 } } })
  await running.exited
  const got = running.text.split('\n').filter(Boolean).sort()
  assert.deepEqual(
    got,
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}`)
      .sort(),
  )
})

test('a script without its interpreter is found out before a chain is started', () => {
  using folder = temporaryFolder()
  folder.write('script', '#!/no/such/interpreter\n')
  execFileSync('chmod', ['+x', folder.path('script')])
  assert.throws(
    () => new Running({ argv: [folder.path('script')], confinement: { ...nothing, rlimits: { core: 0 } } }),
    { code: 'ERR_SPAWN_FAILED', message: /interpreter/ },
  )
})
