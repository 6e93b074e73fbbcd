export * from './result.ts'
export { loadCrypto } from './sodium.ts'
export { decodeBase64url, encodeBase64url } from './base64url.ts'
export {
  asDatabaseKey,
  asDataKey,
  asKek,
  asUserKey,
  generateDatabaseKey,
  generateDataKey,
  generateRecoveryKey,
  generateUserKey,
  type DatabaseKey,
  type DataKey,
  type Kek,
  type RecoveryKey,
  type UserKey,
} from './keys.ts'
export {
  deriveKek,
  kdfCeiling,
  kdfDefault,
  kdfFloor,
  newKdfParams,
  normaliseSecretKey,
  type KdfCost,
  type KdfError,
  type KdfParams,
} from './kdf.ts'
export type { UnwrapError } from './wrapping.ts'
export {
  createRecoveryKeySlot,
  createSecretKeySlot,
  openRecoveryKeySlot,
  openSecretKeySlot,
  type KeySlot,
  type SlotError,
  type SlotKind,
} from './slots.ts'
export {
  generatePassphrase,
  recoveryKeyFromWords,
  recoveryKeyToWords,
  recoveryWordCount,
  type RecoveryWordsError,
} from './words.ts'
export {
  deriveRowKeys,
  unwrapDatabaseKey,
  unwrapDataKey,
  wipeWorkspaceKeys,
  wrapDatabaseKey,
  wrapDataKey,
  type DatabaseKeyPlace,
  type DataKeyPlace,
  type RowKeys,
  type WorkspaceKeys,
} from './data-keys.ts'
export type { Place } from './place.ts'
export type { FieldType, FieldValue, ValueError } from './value.ts'
export { drawNonces } from './nonces.ts'
export { maxTextLength, nonceBytes, openValue, sealValue, type OpenError } from './envelope.ts'
export { computeRowSeal, verifyRowSeal, type RowSealError, type SealedRow } from './row-seal.ts'
