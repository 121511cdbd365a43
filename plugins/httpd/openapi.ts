import type { CommandDescription } from './api.ts'

interface PropertySchema {
  readonly description?: string
  readonly type?: string | readonly string[]
}

/** The interface as OpenAPI 3.1, made of what this daemon answers: commands of plugins are there, too. */
export function openApi(commands: Readonly<Record<string, CommandDescription>>, prefix: string): object {
  const described = Object.entries(commands).map(([name, command]) => [`/api/${name}`, pathOf(name, command)] as const)
  return {
    openapi: '3.1.0',
    info: {
      title: 'circusd web console',
      version: '1',
      description:
        'Each command of the daemon under its own name. Log in with POST /api/session and send its `csrf` as X-CSRF-Token with everything but GET; or send the token of the log as a bearer token.',
    },
    servers: [{ url: `${prefix}/` }],
    security: [{ session: [] }, { token: [] }],
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'circus-console',
          description: 'set by POST /api/session; its name goes on with the port',
        },
        token: { type: 'http', scheme: 'bearer' },
      },
      schemas: { Failure: failure },
      responses: {
        Failure: { description: 'refused or failed', content: json({ $ref: '#/components/schemas/Failure' }) },
      },
    },
    paths: { ...ownPaths, ...Object.fromEntries(described) },
  }
}

const json = (schema: object) => ({ 'application/json': { schema } })
const lines = (description: string) => ({
  description,
  content: { 'text/event-stream': { schema: { type: 'string' } } },
})
const parameter = (name: string, description: string, type = 'string') => ({
  name,
  in: 'query',
  description,
  schema: { type },
})
const failed = { $ref: '#/components/responses/Failure' }

const failure = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        lines: {
          type: 'array',
          items: { type: 'string' },
          description: 'what the process wrote last, where one failed',
        },
        auth: { enum: ['token', 'users', 'none'] },
        retryAfterSeconds: { type: 'integer' },
      },
    },
  },
}

const session = {
  type: 'object',
  required: ['name', 'role', 'auth', 'csrf'],
  properties: {
    name: { type: 'string' },
    role: { enum: ['view', 'operate', 'admin'] },
    auth: { enum: ['token', 'users', 'none'] },
    csrf: { type: 'string' },
  },
}

const login = {
  oneOf: [
    { type: 'object', required: ['token'], properties: { token: { type: 'string' } } },
    {
      type: 'object',
      required: ['user', 'password'],
      properties: { user: { type: 'string' }, password: { type: 'string' } },
    },
  ],
}

const ownPaths = {
  '/api/session': {
    get: {
      summary: 'Who one is.',
      responses: { 200: { description: 'the session', content: json(session) }, default: failed },
    },
    post: {
      summary: 'Log in.',
      security: [],
      requestBody: { content: json(login) },
      responses: { 200: { description: 'the session, and a cookie', content: json(session) }, default: failed },
    },
    delete: { summary: 'Log out.', responses: { 204: { description: 'done' }, default: failed } },
  },
  '/api/live': {
    get: {
      summary: 'The state of the daemon, and what changes in it.',
      description: 'Events: state, patch (RFC 7396), events, gone, back, end.',
      parameters: [parameter('watcher', 'whose processes are told as well')],
      responses: { 200: lines('Server-Sent Events'), default: failed },
    },
  },
  '/api/follow': {
    get: {
      summary: 'What processes write, as they do.',
      parameters: [
        parameter('name', 'the watcher, or a pattern'),
        parameter('match', 'glob, simple or regex'),
        parameter('pid', 'only this process', 'integer'),
        parameter('stream', 'stdout or stderr'),
        parameter('lines', 'so many that were written before', 'integer'),
      ],
      responses: { 200: lines('Server-Sent Events: lines'), default: failed },
    },
  },
  '/api/output': {
    get: {
      summary: 'What is kept of what processes wrote, as a text file.',
      parameters: [
        parameter('name', 'the watcher'),
        parameter('pid', 'only this process', 'integer'),
        parameter('stream', 'stdout or stderr'),
      ],
      responses: {
        200: { description: 'the lines', content: { 'text/plain': { schema: { type: 'string' } } } },
        default: failed,
      },
    },
  },
  '/api/openapi.json': {
    get: { summary: 'This.', responses: { 200: { description: 'OpenAPI 3.1', content: json({ type: 'object' }) } } },
  },
}

function pathOf(name: string, { summary, properties, role, readOnly, plugin }: CommandDescription): object {
  const description = `Takes the role ${role}.${plugin === undefined ? '' : ` Of the plugin ${plugin}.`}`
  const responses = { 200: { description: 'the reply', content: json({ type: 'object' }) }, default: failed }
  const common = { operationId: name, summary, description, responses }
  if (!readOnly) return { post: { ...common, requestBody: { content: json(properties) } } }
  const schema = properties as { properties?: Record<string, PropertySchema>; required?: string[] }
  const parameters = Object.entries(schema.properties ?? {}).map(([property, { description = '', ...rest }]) => ({
    name: property,
    in: 'query',
    description,
    required: schema.required?.includes(property) ?? false,
    schema: rest,
  }))
  return { get: { ...common, parameters } }
}
