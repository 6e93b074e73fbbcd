import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { readTrustProxy } from './trust-proxy.ts'

describe('readTrustProxy', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['false', false],
    ['true', true],
    ['172.16.0.0/12', '172.16.0.0/12'],
    [' 10.0.0.1 , fd00::/8,loopback', '10.0.0.1,fd00::/8,loopback'],
  ])('reads %s', (text, expected) => {
    expect(readTrustProxy(text)).toBe(expected)
  })

  it.each([
    'yes',
    '1',
    '10.0.0.1/33',
    'fd00::/129',
    'proxy.example.org',
    '10.0.0.1,',
    '10.0.0.0/8/8',
  ])('refuses %s', (text) => {
    expect(() => readTrustProxy(text)).toThrow('TRUST_PROXY')
  })

  it.each([
    ['false', '127.0.0.1'],
    ['true', '203.0.113.9'],
    ['loopback', '198.51.100.7'],
    ['10.0.0.0/8', '127.0.0.1'],
  ])('has Fastify believe the header of the proxies that %s names', async (text, address) => {
    const app = Fastify({ trustProxy: readTrustProxy(text) })
    app.get('/', (request) => request.ip)
    const headers = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }
    expect((await app.inject({ url: '/', headers })).body).toBe(address)
    await app.close()
  })
})
