import { describe, expect, it } from "vitest";
import { correctionOf, qrModules, versionBits } from "@/ui/qr";

// Drawn by another program (qrcode of npm, level M, mask 0): each row as one hexadecimal number.
const DRAWN: [string, string][] = [
  [
    "otpauth://totp/Mingdi:wang?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=Mingdi",
    `
    1fc909ef7f 105c1f7e41 1743e1415d 17448f465d 175a3fe45d 104416b741 1fd555557f 163e900
    1548a19a12 1b0763b389 6688f8587 112fe9ff72 6ff02f947 1f063950e8 1176548547 8267f9ef2
    c459489d0 1e967e070d 4ea7c989b b371ac869 1ac27188ea 80275d96a 12e7c99d5f a1140cf70
    4c581a8fb 8316b9c0b 17e70fc8db bab2dfeb2 14c0428bfc 19cd8912 1fc9c40f5f 10412cad12
    175675b9f9 17447e9d3a 175e380237 10441ef822 1fd8a39bbf`,
  ],
  [
    `otpauth://totp/Mingdi:${"x".repeat(120)}?secret=JBSWY3DPEHPK3PXP`,
    `
    1fc0476adedc7f 105deafc7ca641 1740806923625d 174ea21b88855d 17591ebfde545d 104ec6f176f441 1fd5555555557f e02b1cdd600
    154035df577a12 104d17d02280d 6e829279881b7 70e16825ddfd1 1e6531d837765a 539db7d62202f 8f328274889b7 1f151782d9dfd0
    154590d877767b 7b9d87d22202d 167bac678cb987 16a57402d30fd2 18ee865877f478 153f9e3c232229 1edd023582788b fb7cda0dd5352
    3fb39ff75bbf8 191c8771212311 1f5e9015884f57 151548b1edd712 1bfbddff6779f8 199f8f5632200f 1e7f9816a888d7 15275ca09dddb3
    1944d6e5f775eb 1c198053a2228f 1d721812c88af7 16229ea8dddde1 1f48846d777529 1615215722128d 196a69928caaf7 1c2eb1e8dfed42
    1e685dad7f7528 1cbd4a97281289 1be7d19288dad3 c08dc68de5c72 26ee4ff77fdf0 1ab071322b19 1fc57055890957 104a0d11edd312
    175d2c7f5777f0 17485c322222df 175264a8988374 104a255e5ddf22 1fde2b7637748b`,
  ],
];

function rowsOf(modules: boolean[][] | null): string[] {
  return (modules ?? []).map((row) => BigInt(`0b${row.map((dark) => (dark ? 1 : 0)).join("")}`).toString(16));
}

describe("a QR code", () => {
  it.each(DRAWN)("of %s is what another program draws", (text, drawn) => {
    expect(rowsOf(qrModules(text))).toEqual(drawn.trim().split(/\s+/));
  });

  it("has the correction words of the standard's example", () => {
    // ISO/IEC 18004, annex I: "01234567" in version 1-M.
    const data = [0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11];
    const words = [0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55];
    expect([...correctionOf(Uint8Array.from(data), 10)]).toEqual(words);
  });

  it("tells its version as the standard's table does", () => expect(versionBits(7)).toBe(0x07c94));

  it("is none of a text that is too long", () => expect(qrModules("x".repeat(300))).toBeNull());
});
