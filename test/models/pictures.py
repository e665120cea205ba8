"""Pictures of every kind, and the tensors that transformers' image processors make of them.

    pictures.py OUT   leaves OUT/pictures.json (name -> file in base64) and OUT/processors.json (settings that come to the same,
    with the tensors by picture)
"""

import base64
import io
import json
import sys
from pathlib import Path

import numpy as np
import transformers as hf
from PIL import Image, ImageOps

EXIF_ORIENTATION = 0x0112


def painting(width, height):
    """Colours that run into each other, and a square."""
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    pixels = np.stack([red, green, (red + green) / 2], axis=-1).astype(np.uint8)
    pixels[: height // 3, : width // 4] = [250, 10, 90]
    return Image.fromarray(pixels)


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return base64.b64encode(file.getvalue()).decode()


def picture(width, height):
    """A PNG in base64."""
    return encoded(painting(width, height), "PNG")


def turned(orientation):
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    return {"exif": exif}


def faded(image):
    """With an alpha channel that is not the same everywhere."""
    image.putalpha(Image.fromarray(np.linspace(0, 255, image.width * image.height).astype(np.uint8).reshape(image.height, image.width)))
    return image


def pictures():
    usual = painting(50, 40)
    return {
        "png": picture(50, 40),
        "png, small": picture(9, 7),
        "png, large": picture(300, 200),
        "png, wide": picture(150, 11),
        "png, tall": picture(13, 170),
        "png, as asked": picture(24, 24),
        "png, grey": encoded(usual.convert("L"), "PNG"),
        "png, grey with alpha": encoded(faded(usual.copy()).convert("LA"), "PNG"),
        "png, black and white": encoded(usual.convert("1"), "PNG"),
        "png, alpha": encoded(faded(usual.copy()), "PNG"),
        "png, palette": encoded(usual.quantize(40), "PNG"),
        "png, palette with alpha": encoded(usual.quantize(40), "PNG", transparency=3),
        "jpeg": encoded(usual, "JPEG", quality=90),
        "jpeg, progressive": encoded(painting(133, 77), "JPEG", quality=60, progressive=True),
        "jpeg, no subsampling": encoded(usual, "JPEG", quality=95, subsampling=0),
        "jpeg, grey": encoded(usual.convert("L"), "JPEG"),
        "jpeg, CMYK": encoded(usual.convert("CMYK"), "JPEG", quality=95),
        **{f"jpeg, orientation {n}": encoded(usual, "JPEG", **turned(n)) for n in range(2, 9)},
        "png, orientation 6": encoded(usual, "PNG", **turned(6)),
        "webp": encoded(usual, "WEBP", lossless=True),
        "webp, lossy": encoded(usual, "WEBP", quality=80),
        "gif of two frames": encoded(usual.quantize(40), "GIF", save_all=True, append_images=[ImageOps.invert(usual).quantize(40)]),
        "tiff": encoded(usual, "TIFF", compression="tiff_lzw"),
        "tiff, CMYK": encoded(usual.convert("CMYK"), "TIFF"),
    }


SQUARE, CROP, SHORTEST = {"height": 24, "width": 24}, {"height": 24, "width": 24}, {"shortest_edge": 24}
PROCESSORS = [
    hf.ViTImageProcessor(size=SQUARE),
    *[hf.ViTImageProcessor(size={"height": 24, "width": 18}, resample=resample) for resample in range(6)],
    hf.ViTImageProcessor(size=SQUARE, do_rescale=False, do_normalize=False),
    hf.ViTImageProcessor(size=SQUARE, rescale_factor=1 / 127.5, do_normalize=False),
    hf.DeiTImageProcessor(size={"height": 28, "width": 28}, crop_size=CROP),
    hf.BeitImageProcessor(size={"height": 28, "width": 28}, crop_size=CROP),
    hf.BitImageProcessor(size=SHORTEST, crop_size=CROP),
    hf.CLIPImageProcessor(size={"shortest_edge": 25}, crop_size={"height": 23, "width": 24}),
    hf.ConvNextImageProcessor(size=SHORTEST),
    hf.ConvNextImageProcessor(size={"shortest_edge": 384}),
    hf.ConvNextImageProcessor(size=SHORTEST, crop_pct=0.95, resample=3),
    hf.EfficientNetImageProcessor(size=SQUARE),
    hf.EfficientNetImageProcessor(size=SQUARE, resample=2, rescale_factor=1 / 127.5, rescale_offset=True, do_center_crop=True, crop_size={"height": 20, "width": 20}),
    hf.LevitImageProcessor(size=SHORTEST, crop_size=CROP),
    hf.MobileNetV1ImageProcessor(size={"shortest_edge": 28}, crop_size=CROP),
    hf.MobileNetV2ImageProcessor(size={"shortest_edge": 28}, crop_size=CROP),
    hf.MobileViTImageProcessor(size={"shortest_edge": 20}, crop_size=CROP),
    hf.PoolFormerImageProcessor(size=SHORTEST, crop_size=CROP),
    hf.PvtImageProcessor(size=SQUARE),
    hf.SegformerImageProcessor(size=SQUARE),
    hf.SiglipImageProcessor(size=SQUARE),
    hf.BlipImageProcessor(size=SQUARE),
]
# What stays of a processor's settings where the rest is to be its class's own.
BARE = ["image_processor_type", "size", "crop_size"]
# Of these an image of another size tells everything.
FEW = ["png", "png, small", "png, wide", "jpeg, orientation 6"]


def opened(content):
    """As transformers' pipelines open a picture."""
    return ImageOps.exif_transpose(Image.open(io.BytesIO(base64.b64decode(content)))).convert("RGB")


def tensors(processor, named):
    pixels = {name: processor(opened(content), return_tensors="np")["pixel_values"][0] for name, content in named.items()}
    return {name: {"dims": each.shape, "data": base64.b64encode(each.astype("<f4").tobytes()).decode()} for name, each in pixels.items()}


def write(out):
    every = pictures()
    few = {name: every[name] for name in FEW}
    cases = []
    for index, processor in enumerate(PROCESSORS):
        settings = processor.to_dict()
        answers = tensors(processor, every if index == 0 else few if settings["size"].get("shortest_edge") != 384 else {"png": every["png"]})
        bare = {key: settings[key] for key in BARE if settings.get(key)}
        usual = type(processor)(**{key: value for key, value in bare.items() if key != BARE[0]})
        alike = [settings, bare] if usual.to_dict() == settings else [settings]
        cases.append({"settings": alike, "tensors": answers})
    (out / "pictures.json").write_text(json.dumps(every))
    (out / "processors.json").write_text(json.dumps(cases))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
