export * from './entity.ts'
export * from './entities.ts'
export * from './version.ts'
