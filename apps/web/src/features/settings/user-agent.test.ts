import { describe, expect, it } from 'vitest'
import { deviceName } from './user-agent.ts'

describe('deviceName', () => {
  it('tells browsers apart that pretend to be each other', () => {
    const base =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36'
    expect(deviceName(base)).toBe('Chrome on Windows')
    expect(deviceName(`${base} Edg/140.0`)).toBe('Edge on Windows')
    expect(
      deviceName(
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1',
      ),
    ).toBe('Safari on iPhone')
    expect(
      deviceName('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'),
    ).toBe('Firefox on Linux')
  })

  it('does not guess', () => {
    expect(deviceName(null)).toBe('Unknown device')
    expect(deviceName('curl/8')).toBe('Unknown device')
  })
})
