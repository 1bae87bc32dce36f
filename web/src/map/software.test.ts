import { describe, expect, it } from "vitest";
import { isSoftware } from "@/map/software";

// As Chromium and Firefox name them.
describe("what draws", () => {
  it.each([
    "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
    "llvmpipe (LLVM 15.0.6, 256 bits)",
    "ANGLE (Microsoft, Microsoft Basic Render Driver (0x0000008C) Direct3D11 vs_5_0 ps_5_0, D3D11)",
  ])("is the processor: %s", (renderer) => expect(isSoftware(renderer)).toBe(true));

  it.each([
    "ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)",
    "ANGLE (NVIDIA, NVIDIA GeForce GTX 1650 Direct3D11 vs_5_0 ps_5_0, D3D11)",
    "",
  ])("is a card, or unknown: %s", (renderer) => expect(isSoftware(renderer)).toBe(false));
});
