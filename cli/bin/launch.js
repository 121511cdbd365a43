// Plain JavaScript that old Nodes parse as well: it is what tells them that they are too old.

/** Whether this Node can run the package: 22.22 or later of 22, or 24.15 and later. */
function supported(version) {
  const parts = version.split('.')
  const major = Number(parts[0])
  const minor = Number(parts[1])
  return (major === 22 && minor >= 22) || (major === 24 && minor >= 15) || major > 24
}

/**
 * Where Node keeps what it compiled: below the home that the system knows of this user. Not in /tmp, as it would by
 * itself, nor where HOME says: what is there is run, and another user could have put it there.
 */
function cacheFolder() {
  try {
    return `${process.getBuiltinModule('node:os').userInfo().homedir}/.cache/circusd`
  } catch {
    // A user that the system does not know, in a container say: every start compiles anew.
    return undefined
  }
}

/**
 * Run `cli/NAME` of this package: the TypeScript source in a checkout (Node strips its types), the compiled file in
 * an installed package.
 */
export async function launch(name) {
  if (!supported(process.versions.node)) {
    process.stderr.write(
      `${name} needs Node.js 22.22 or later of 22, or 24.15 and later; this is ${process.versions.node} (${process.execPath}).\n`,
    )
    process.exitCode = 1
    return
  }
  // Not imported: the first import of node:fs has Node load all that it has, streams and promises included: 6 ms.
  const { enableCompileCache } = process.getBuiltinModule('node:module')
  const { existsSync } = process.getBuiltinModule('node:fs')
  const cache = cacheFolder()
  if (cache) enableCompileCache(cache)
  const source = new URL(`../${name}.ts`, import.meta.url)
  const compiled = new URL(`../../dist/cli/${name}.js`, import.meta.url)
  const { main } = await import((existsSync(source) ? source : compiled).href)
  await main(process.argv.slice(2))
}
