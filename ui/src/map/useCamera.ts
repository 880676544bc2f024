/** Where the reader stands over the map: it fits at first, then wheel and drag move it. */
import { useCallback, useEffect, useState, type RefObject, type WheelEvent } from "react";

interface Camera {
  x: number;
  y: number;
  scale: number;
}

const SCALE_MIN = 0.15;
const SCALE_MAX = 2.5;
const FIT_MAX = 1.15;

export function fitted(width: number, height: number, boxWidth: number, boxHeight: number): Camera {
  const scale = Math.max(SCALE_MIN, Math.min(FIT_MAX, boxWidth / width, boxHeight / height));
  return { scale, x: (boxWidth - width * scale) / 2, y: Math.max(0, (boxHeight - height * scale) / 2) };
}

export function zoomedAt(camera: Camera, factor: number, x: number, y: number): Camera {
  const scale = Math.max(SCALE_MIN, Math.min(SCALE_MAX, camera.scale * factor));
  const ratio = scale / camera.scale;
  return { scale, x: x - (x - camera.x) * ratio, y: y - (y - camera.y) * ratio };
}

export function useCamera(root: RefObject<HTMLElement | null>, width: number, height: number) {
  const [camera, setCamera] = useState<Camera>({ x: 0, y: 0, scale: 1 });
  const [own, setOwn] = useState(false);
  const fit = useCallback(() => {
    const box = root.current?.getBoundingClientRect();
    if (box) setCamera(fitted(width, height, box.width, box.height));
    setOwn(false);
  }, [root, width, height]);
  // As long as the reader has not moved it, the map fits its box, whatever happens to the box.
  useEffect(() => {
    if (own || !root.current) return;
    const resize = new ResizeObserver(() => {
      const box = root.current?.getBoundingClientRect();
      if (box) setCamera(fitted(width, height, box.width, box.height));
    });
    resize.observe(root.current);
    return () => resize.disconnect();
  }, [own, root, width, height]);
  const change = (next: (camera: Camera) => Camera) => {
    setOwn(true);
    setCamera(next);
  };
  return {
    ...camera,
    fit,
    pan: (dx: number, dy: number) => change((at) => ({ ...at, x: at.x + dx, y: at.y + dy })),
    zoom: (factor: number) => {
      const box = root.current?.getBoundingClientRect();
      if (box) change((at) => zoomedAt(at, factor, box.width / 2, box.height / 2));
    },
    wheel: (event: WheelEvent) => {
      const box = root.current?.getBoundingClientRect();
      if (!box) return;
      const x = event.clientX - box.left;
      const y = event.clientY - box.top;
      change((at) => zoomedAt(at, 1.0015 ** -event.deltaY, x, y));
    },
  };
}
