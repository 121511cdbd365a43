import assert from 'node:assert/strict'

interface Operation {
  readonly summary?: unknown
  readonly responses?: Readonly<Record<string, { readonly description?: unknown; readonly $ref?: string }>>
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** What OpenAPI 3.1 demands of what we write: operations with responses, parameters once, references that lead somewhere. */
export function mustBe(document: Document): void {
  for (const [path, operations] of Object.entries(document.paths)) {
    assert.match(path, /^\/api\//)
    for (const [method, { summary, responses, parameters = [] }] of Object.entries(operations)) {
      const where = `${method} ${path}`
      assert.ok(['get', 'post', 'delete'].includes(method), where)
      assert.equal(typeof summary, 'string', where)
      assert.ok(Object.keys(responses ?? {}).length > 0, where)
      for (const { description, $ref } of Object.values(responses ?? {})) assert.ok(description ?? $ref, where)
      assert.equal(new Set(parameters.map(({ name }) => name)).size, parameters.length, where)
      for (const each of parameters) assert.ok(each.in === 'query' && typeof each.schema === 'object', where)
    }
  }
  for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/([^"]+)"/g)) {
    const found = reference.split('/').reduce<unknown>((at, name) => Object(at)[name], Object(document).components)
    assert.ok(found, reference)
  }
}
