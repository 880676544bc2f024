import { expect, test } from "vitest";
import { followed, followedOver, startTyped, typed, typedOver } from "./typed";

test("letters that are faster than the URL stay", () => {
  let own = typed(typed(typed(startTyped(""), "r"), "re"), "red");
  own = followed(own, "r");
  expect(own.value).toBe("red");
  own = typed(own, "redi");
  // The router may leave out what was replaced before it got there.
  own = followed(own, "red");
  own = followed(own, "redi");
  expect(own).toEqual({ seen: "redi", value: "redi", sent: [] });
});

test("the way back and links are followed", () => {
  const own = followed(typed(startTyped("a"), "ab"), "ab");
  expect(followed(own, "a").value).toBe("a");
  expect(followed(own, "elsewhere")).toEqual(startTyped("elsewhere"));
});

test("what is typed and taken back is in step with the URL", () => {
  const own = typed(typed(startTyped("a"), "ab"), "a");
  expect(own).toEqual(startTyped("a"));
  expect(followed(own, "a")).toBe(own);
});

test("an address that is seen again while one types takes no letter back", () => {
  let own = typedOver(typedOver(typedOver(startTyped(""), "r"), "re"), "red");
  own = followedOver(own, "re");
  // Drawn from an older state of the router.
  own = followedOver(followedOver(own, "r"), "");
  expect(own.value).toBe("red");
  own = followedOver(followedOver(own, "red"), "re");
  expect(own.value).toBe("red");
  expect(followedOver(own, "elsewhere")).toEqual(startTyped("elsewhere"));
});
