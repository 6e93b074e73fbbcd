import type { PostgresMajor } from '@sealbook/pg-runtime'

/**
 * The major version that tests start: what ships, unless SEALBOOK_POSTGRES=16 asks for the one
 * that docker-compose.yml pins. @throws when it asks for another.
 */
export function postgresMajor(): PostgresMajor {
  const text = process.env['SEALBOOK_POSTGRES'] ?? ''
  if (text === '' || text === '18') return 18
  if (text === '16') return 16
  throw new Error(`SEALBOOK_POSTGRES is neither 16 nor 18: ${text}`)
}
