/**
 * For packages that bring commands to `circusctl`: `import { ControllerCommand, Args, Flags } from 'circusd/cli'`. With it they
 * need no oclif of their own.
 */
export { Args, Flags } from '@oclif/core'
export { ControllerCommand } from './circusctl/controller-command.ts'
