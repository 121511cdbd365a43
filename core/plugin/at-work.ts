import { AsyncLocalStorage } from 'node:async_hooks'
import type { PluginScope } from './scope.ts'

const storage = new AsyncLocalStorage<PluginScope | undefined>()

/**
 * Whose code runs: the plugin that was called by the kernel, or has begun what runs now (a timer, a request, a promise).
 * `undefined` for the kernel, and where Node cannot tell.
 */
export const pluginAtWork = (): PluginScope | undefined => storage.getStore()

/** Run a function of a plugin, so that whatever it begins is known to be the plugin's, also long after. */
export const asPlugin = <T>(scope: PluginScope, fn: () => T): T => storage.run(scope, fn)

/** Run what the kernel does for a plugin: what it begins is the kernel's. */
export const asKernel = <T>(fn: () => T): T => storage.run(undefined, fn)
