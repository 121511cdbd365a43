import assert from 'node:assert/strict'
import test from 'node:test'
import { bin, runToEnd } from './support/program.ts'

const pretend = (version: string) =>
  `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`

for (const version of ['18.19.0', '20.20.2', '22.21.9', '23.11.0', '24.14.1']) {
  test(`Node ${version} is told that it is too old`, async () => {
    const args = ['--import', pretend(version), bin('circusctl'), '--version']
    const { code, stderr } = await runToEnd(process.execPath, args)

    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`circusctl needs Node.js 22.22 .* this is ${version}`))
  })
}

test('the Nodes of package.json are welcome', async () => {
  for (const version of ['22.22.0', '24.15.0', '25.0.0']) {
    const { code } = await runToEnd(process.execPath, ['--import', pretend(version), bin('circusd'), '--version'])
    assert.equal(code, 0)
  }
})
