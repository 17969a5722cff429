# JSON: text out of values, values out of text.
import json

message = {"user": "ana", "id": 7, "tags": ["a", "b"], "ok": True, "none": None}
text = json.dumps(message)
print(text)
back = json.loads(text)
print(back["user"], back["id"] + 1, back["tags"][0], len(back["tags"]))
if back["ok"]:
    print("ok")
if back["none"] is None:
    print("none")
try:
    json.loads("{broken")
except json.JSONDecodeError:
    print("broken")
print(json.dumps([1, "x"]).encode())
print(json.dumps({"ñ": "ü"}, ensure_ascii=False))
print(back.get("missing", 0))
