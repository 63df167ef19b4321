// The official JavaScript client against an endpoint: node clients.mjs ADDRESS TOKEN.
import assert from 'node:assert/strict'
import { createClient } from '@clickhouse/client'

const [url, password] = process.argv.slice(2)
const client = createClient({ url, username: 'daybook', password, compression: { response: true, request: true } })
const fails = async (code, type, run) => {
  await assert.rejects(run, (error) => {
    assert.equal(error.code, code, String(error))
    assert.equal(error.type, type, String(error))
    return true
  })
}
const json = async (query, more = {}) => (await client.query({ query, format: 'JSONEachRow', ...more })).json()

// Selects and parameters.
assert.deepEqual(await client.ping(), { success: true })
assert.equal((await client.ping({ select: true })).success, true)
assert.deepEqual(await json('SELECT count() AS n FROM fct_sales'), [{ n: 300000 }])
assert.deepEqual(await json('SELECT {a:Int64} + {b:Int64} AS sum, {s:String} AS s, {list:Array(String)} AS list, {day:Date} AS day', {
  query_params: { a: 40, b: 2, s: "it's \"a\"\n\t\\; --", list: ["x'y", 'z'], day: '2026-01-05' },
}), [{ sum: 42, s: "it's \"a\"\n\t\\; --", list: ["x'y", 'z'], day: '2026-01-05' }])
assert.deepEqual(await json('SELECT store FROM {t:Identifier} WHERE id IN {ids:Array(Int64)} ORDER BY id', {
  query_params: { t: 'fct_sales', ids: [1, 2] },
}), [{ store: 'S1' }, { store: 'S2' }])
assert.deepEqual(await json('SELECT toInt64(1) AS n', { clickhouse_settings: { output_format_json_quote_64bit_integers: 1 } }), [{ n: '1' }])
const many = Array.from({ length: 3000 }, (_, n) => n)
assert.deepEqual(await json('SELECT count() AS n FROM fct_sales WHERE id IN {ids:Array(Int64)}', { query_params: { ids: many } }), [{ n: 3000 }])

// Streams.
let rows = 0
const stream = (await client.query({ query: 'SELECT id, store FROM fct_sales', format: 'JSONEachRow' })).stream()
for await (const chunk of stream) rows += chunk.map((row) => row.json()).length
assert.equal(rows, 300000)

// Formats, with a query id of ours.
const raw = async (query) => {
  const { stream, query_id } = await client.exec({ query, query_id: 'mine' })
  assert.equal(query_id, 'mine')
  const pieces = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}
const whole = await (await client.query({ query: 'SELECT id, amount FROM fct_sales ORDER BY id LIMIT 2 OFFSET 1', format: 'JSON' })).json()
assert.deepEqual(whole.data, [{ id: 1, amount: 0.1 }, { id: 2, amount: 0.2 }])
assert.equal(whole.rows, 2)
assert.deepEqual(whole.meta.map((column) => column.type), ['Int64', 'Decimal(18, 2)'])
const compact = await (await client.query({ query: 'SELECT id FROM fct_sales ORDER BY id LIMIT 2', format: 'JSONCompact' })).json()
assert.deepEqual(compact.data, [[0], [1]])
const csv = await (await client.query({ query: 'SELECT id, store FROM fct_sales', format: 'CSVWithNames' })).text()
assert.equal(csv.split('\n').length, 300002)
assert.equal(csv.split('"id"').length, 2)
const parquet = await raw('SELECT * FROM fct_sales FORMAT Parquet')
assert.equal(parquet.subarray(0, 4).toString(), 'PAR1')
assert.equal(parquet.subarray(-4).toString(), 'PAR1')
const binary = await raw('SELECT id FROM fct_sales FORMAT RowBinaryWithNamesAndTypes')
assert.equal(binary.length, 1 + 3 + 6 + 300000 * 8)

// What is refused says so.
await fails('60', 'UNKNOWN_TABLE', () => json('SELECT * FROM payments'))
await fails('62', 'SYNTAX_ERROR', () => json('selec 1'))
await fails('164', 'READONLY', () => client.command({ query: 'DROP TABLE payments' }))
await fails('164', 'READONLY', () => client.insert({ table: 'payments', values: [{ id: 1 }], format: 'JSONEachRow' }))
await fails('164', 'READONLY', () => json('SELECT 1', { clickhouse_settings: { readonly: '0' } }))
await fails('497', 'ACCESS_DENIED', () => json("SELECT file('/etc/passwd')"))
await fails('497', 'ACCESS_DENIED', () => json('SELECT * FROM system.processes'))
await fails('516', 'AUTHENTICATION_FAILED', () => json('SELECT 1', { auth: { username: 'daybook', password: 'wrong' } }))
// In the middle of a stream.
await assert.rejects(async () => {
  const late = (await client.query({ query: 'SELECT throwIf(number = 3000000) AS x FROM numbers(4000000)', format: 'JSONEachRow' })).stream()
  for await (const chunk of late) void chunk
}, (error) => error.type === 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO' && error.code === '395')

await client.close()
console.log('all well')
