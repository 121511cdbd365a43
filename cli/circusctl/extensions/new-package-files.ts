import { readFileSync } from 'node:fs'
import { packageRoot } from '../../version.ts'

/** The files of a plugin's package that are the same for all kinds, by their names. `circusd`: what to install as that. */
export function newPackageFiles(name: string, description: string, circusd: string | undefined): [string, string][] {
  const { version, engines, devDependencies } = JSON.parse(readFileSync(new URL('package.json', packageRoot()), 'utf8'))
  const range = `^${version}`
  const manifest = {
    name,
    version: '0.1.0',
    description,
    keywords: ['circusd', 'circusd-plugin'],
    type: 'module',
    engines,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
    scripts: {
      build: 'tsc -p tsconfig.build.json',
      test: 'tsc && node --test "test/**/*.test.ts"',
      prepack: 'npm run build',
    },
    peerDependencies: { circusd: range },
    devDependencies: {
      '@types/node': devDependencies['@types/node'],
      circusd: circusd ?? range,
      typescript: devDependencies.typescript,
    },
  }
  const check = {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      types: ['node'],
      strict: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ['src', 'test'],
  }
  const build = {
    extends: './tsconfig.json',
    compilerOptions: { noEmit: false, declaration: true, rootDir: 'src', outDir: 'dist' },
    include: ['src'],
  }
  const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`
  return [
    ['package.json', json(manifest)],
    ['tsconfig.json', json(check)],
    ['tsconfig.build.json', json(build)],
    ['.gitignore', 'node_modules/\ndist/\n*.tgz\n'],
  ]
}
