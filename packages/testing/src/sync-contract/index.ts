export { openSyncClient, type SyncClient, type SyncClientOptions } from './client.ts'
export { audience, openSigningKey, type SigningKey } from './signing-key.ts'
