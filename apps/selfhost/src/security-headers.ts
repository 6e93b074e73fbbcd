/**
 * Headers for every answer of this origin. A handler may replace one (the API's documentation
 * brings its own policy).
 *
 * The policy admits no code but the app's own files and WebAssembly (SQLite, libsodium). So even
 * a hole through which someone could write HTML into a page does not reach the keys.
 */
export function securityHeaders(
  publicUrl: string,
  syncUrl: string | undefined,
): Readonly<Record<string, string>> {
  const connect = ["'self'", ...(syncUrl ? [new URL(syncUrl).origin] : [])]
  const policy = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src ${connect.join(' ')}`,
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'permissions-policy':
      'camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    ...(publicUrl.startsWith('https:')
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  }
}
