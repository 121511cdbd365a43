// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what the values under test contain
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { spawnEnvironment, watcherFromApi, workingFolder } from '../../../core/config/index.ts'
import { configFolder } from './config-folder.ts'

const environment = (options: Record<string, unknown>, daemon: Record<string, string | undefined>) =>
  spawnEnvironment(watcherFromApi('w', { cmd: 'a', options }).options, daemon)

test("a process gets only its own variables, and the daemon's too with copy_env", () => {
  const daemon = { A: 'daemon', B: 'daemon', GONE: undefined }
  assert.deepEqual(environment({ env: { B: 'own' } }, daemon), { B: 'own' })
  assert.deepEqual(environment({ env: { B: 'own' }, copy_env: true }, daemon), { A: 'daemon', B: 'own' })
})

test("$NAME and ${NAME} are the daemon's variables, empty when it has none", () => {
  const env = { P: '$PATH:/x', Q: '${PATH}', N: 'a$NONE.b', L: '$lower $1 $(x) ${lower}', S: '  trimmed ', O: '$P' }
  assert.deepEqual(environment({ env }, { PATH: '/bin', lower: 'no' }), {
    P: '/bin:/x',
    Q: '/bin',
    N: 'a.b',
    L: '$lower $1 $(x) ${lower}',
    S: 'trimmed',
    O: '',
  })
})

test('what the daemon inherited is not expanded again', () => {
  assert.deepEqual(environment({ copy_env: true }, { A: '$PATH', PATH: '/bin' }), { A: '$PATH', PATH: '/bin' })
})

test('a virtualenv comes first on PATH, and its packages are on PYTHONPATH', () => {
  using folder = configFolder({
    'v/lib/python3.9/site-packages/a.pth': '# comment\nimport sys\n../extra\nnone\n',
    'v/lib/python3.9/extra/x': '',
  })
  mkdirSync(folder.path('v/bin'))
  const options = { virtualenv: folder.path('v'), virtualenv_py_ver: '3.9', copy_env: true }
  const site = folder.path('v/lib/python3.9/site-packages')
  assert.deepEqual(environment(options, { PATH: '/bin', PYTHONPATH: '/p' }), {
    PATH: `${folder.path('v/bin')}:/bin`,
    PYTHONPATH: `${folder.path('v/lib/python3.9/extra')}:/p:${site}`,
  })
  assert.deepEqual(environment({ ...options, virtualenv_py_ver: '3.12' }, {}), {
    PATH: folder.path('v/bin'),
    PYTHONPATH: folder.path('v/lib/python3.12/site-packages'),
  })
})

test('variables with odd names do no harm', () => {
  const env = JSON.parse('{"__proto__":"1","constructor":"$CONSTRUCTOR"}')
  assert.deepEqual(Object.entries(environment({ env }, {})), [
    ['__proto__', '1'],
    ['constructor', ''],
  ])
})

test("the working folder is the daemon's PWD as long as that is where it is", () => {
  using folder = configFolder({})
  symlinkSync(process.cwd(), folder.path('link'))
  const daemon = { PWD: folder.path('link') }
  assert.equal(workingFolder({ working_dir: null }, daemon), folder.path('link'))
  assert.equal(workingFolder({ working_dir: 'sub' }, daemon), folder.path('link/sub'))
  assert.equal(workingFolder({ working_dir: '/abs' }, daemon), '/abs')
  assert.equal(workingFolder({ working_dir: null }, { PWD: folder.root }), process.cwd())
  assert.equal(workingFolder({ working_dir: null }, {}), process.cwd())
})
