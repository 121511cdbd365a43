import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looksSecret, maskSecrets } from '../../core/secrets.ts'

const secret = [
  ...[
    'PASSWORD',
    'PGPASSWORD',
    'db_passwd',
    'SECRET_KEY_BASE',
    'GITHUB_TOKEN',
    'API_KEY',
    'apiKey',
    'APIKEY',
    'DATABASE_DSN',
  ],
  ...['AWS_CREDENTIALS', 'PRIVATE', 'redis_password', 'env.DB_PASSWORD', 'MYSQL_PWD', 'passphrase', 'CIRCUS_PLUGIN'],
  // As `describe` names them.
  ...['env.CIRCUS_PLUGIN', 'env.MYSQL_PWD', 'env.apikey', 'env.AWS_ACCESSKEY'],
]
const open = [
  'PATH',
  'PWD',
  'OLDPWD',
  'HOME',
  'MONKEY',
  'KEYBOARD',
  'cmd',
  'name',
  'process_pid',
  'compass',
  'copy_env',
]

test('names that look secret are told from those that do not', () => {
  assert.deepEqual(
    secret.filter((name) => !looksSecret(name)),
    [],
  )
  assert.deepEqual(open.filter(looksSecret), [])
})

test('values under such names are masked, however deep; that one is empty may be seen', () => {
  const options = {
    env: { TOKEN: 'abc', PORT: '80', EMPTY_KEY: '' },
    redis_password: 4711,
    cmd: 'sleep 1',
    keys: ['a'],
  }
  assert.deepEqual(maskSecrets({ options }).options, {
    env: { TOKEN: '********', PORT: '80', EMPTY_KEY: '' },
    redis_password: '********',
    cmd: 'sleep 1',
    keys: ['********'],
  })
  const described = { 'env.TOKEN': { value: 'abc', file: '/a.ini', line: 3 }, token: { status: 'active' } }
  assert.deepEqual(maskSecrets(described), {
    'env.TOKEN': { value: '********', file: '/a.ini', line: 3 },
    token: { status: 'active' },
  })
})

test('passwords in texts are masked: of URLs, and after password= and the like', () => {
  const shown = [
    ['redis://:hunter2@localhost/1', 'redis://:********@localhost/1'],
    ['x postgres://bob:hunter2@db/x y', 'x postgres://bob:********@db/x y'],
    ['run --password=hunter2 --port=1', 'run --password=******** --port=1'],
    ['a?api_key=hunter2&b=1', 'a?api_key=********&b=1'],
    ['http://localhost:80/a mail@x', 'http://localhost:80/a mail@x'],
    ['http://bob@host/', 'http://bob@host/'],
    ['redis://:hunt@er2@h/1, ab', 'redis://:********@h/1, ab'],
    [`a://${'u'.repeat(200)}:${'p'.repeat(2_000)}@h`, `a://${'u'.repeat(200)}:********@h`],
    ['see http://x/?to=redis://:hunter2@h', 'see http://x/?to=redis://:********@h'],
    ['{"a":"redis://:hunter2@h","b":"c@d"}', '{"a":"redis://:********@h","b":"c@d"}'],
    ['run PASSWORD="hunter2 and more" x', 'run PASSWORD=******** x'],
  ]
  for (const [text, masked] of shown) assert.equal(maskSecrets(text), masked)
})

test('what holds no secret is given back as it is', () => {
  const payload = { time: 1, process_pid: 2, list: ['a', { b: null }] }
  assert.equal(maskSecrets(payload), payload)
})

test('what holds itself is no trouble', () => {
  const keys: unknown[] = []
  keys.push(keys)
  const payload: Record<string, unknown> = { token: 'a', keys }
  payload.self = { payload, list: [payload], keys: [[payload]] }
  payload.secret = { value: payload.self }
  assert.equal(maskSecrets(payload).token, '********')
})

test('no text keeps it busy', () => {
  const texts = [
    '://a:'.repeat(200_000),
    '://a:@'.repeat(200_000),
    `${'://a:'.repeat(200_000)}@ `.repeat(2),
    'password'.repeat(20_000),
    '@'.repeat(100_000),
    'a.'.repeat(50_000),
  ]
  for (const text of texts) assert.equal(maskSecrets(`${text}@=`).length > 0, true)
})
