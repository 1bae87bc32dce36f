// Whether the processor draws instead of a graphics card. Each picture is dear then, and none may be drawn for its looks only.

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

export function isSoftware(renderer: string): boolean {
  return SOFTWARE.test(renderer);
}

function ask(): boolean {
  const pen = document.createElement("canvas").getContext("webgl2");
  const named = pen?.getExtension("WEBGL_debug_renderer_info");
  const renderer = pen && named ? String(pen.getParameter(named.UNMASKED_RENDERER_WEBGL)) : "";
  pen?.getExtension("WEBGL_lose_context")?.loseContext();
  return isSoftware(renderer);
}

let answer: boolean | undefined;

export function drawsInSoftware(): boolean {
  answer ??= ask();
  return answer;
}
