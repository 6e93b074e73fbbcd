import { deviceLocale } from '../platform/locale.ts'

/** "3.4 MB", for a person. */
export function formatBytes(bytes: number): string {
  const [unit, size] = bytes >= 1e9 ? ['gigabyte', bytes / 1e9] : ['megabyte', bytes / 1e6]
  return new Intl.NumberFormat(deviceLocale(), {
    style: 'unit',
    unit,
    maximumFractionDigits: size < 10 ? 1 : 0,
  }).format(size)
}
