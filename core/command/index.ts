import { add } from './add.ts'
import { announce } from './announce.ts'
import type { CommandDefinition } from './command.ts'
import { commands } from './commands.ts'
import { daemon } from './daemon.ts'
import { decr } from './decr.ts'
import { describe } from './describe.ts'
import { dstats } from './dstats.ts'
import { get } from './get.ts'
import { globaloptions } from './globaloptions.ts'
import { incr } from './incr.ts'
import { kill } from './kill.ts'
import { list } from './list.ts'
import { listen } from './listen.ts'
import { listsockets } from './listsockets.ts'
import { numprocesses } from './numprocesses.ts'
import { numwatchers } from './numwatchers.ts'
import { options } from './options.ts'
import { plugins } from './plugins.ts'
import { publish } from './publish.ts'
import { quit } from './quit.ts'
import { reload } from './reload.ts'
import { reloadconfig } from './reloadconfig.ts'
import { reopenlogs } from './reopenlogs.ts'
import { report } from './report.ts'
import { restart } from './restart.ts'
import { rm } from './rm.ts'
import { serve } from './serve.ts'
import { set } from './set.ts'
import { signal } from './signal.ts'
import { start } from './start.ts'
import { stats } from './stats.ts'
import { status } from './status.ts'
import { stop } from './stop.ts'
import { tail } from './tail.ts'
import { watcheroptions } from './watcheroptions.ts'

/** The commands of the kernel. */
export const kernelCommands: readonly CommandDefinition[] = [
  add,
  announce,
  commands,
  daemon,
  decr,
  describe,
  dstats,
  get,
  globaloptions,
  incr,
  kill,
  list,
  listen,
  listsockets,
  numprocesses,
  numwatchers,
  options,
  plugins,
  publish,
  quit,
  reload,
  reloadconfig,
  reopenlogs,
  report,
  restart,
  rm,
  serve,
  set,
  signal,
  start,
  stats,
  status,
  stop,
  tail,
  watcheroptions,
]
