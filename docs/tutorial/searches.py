"""The made-up table of the tutorial: `python docs/tutorial/searches.py > docs/tutorial/searches.csv`.

500 searches on a site of classified ads, each with 8 ads that were shown. People click on ads that are cheap
for their category, have photos and a seller with good ratings; on a phone photos count twice. The rest is
chance.
"""

import csv
import random
import sys
from datetime import UTC, datetime, timedelta

ADS = 300
COLUMNS = (
    *("search", "searched_at", "viewer", "device", "ad", "category"),
    *("price", "photos", "rating", "clicked", "known_at"),
)
CATEGORIES = {"bikes": 240.0, "phones": 310.0, "sofas": 180.0, "tools": 60.0}


def main() -> None:
    """Write the table as csv."""
    draw = random.Random(7)  # noqa: S311 - no secret
    ads = []
    for number in range(ADS):
        category = draw.choice(list(CATEGORIES))
        price = round(CATEGORIES[category] * draw.lognormvariate(0, 0.5), 2)
        ads.append((f"ad-{number:03}", category, price, draw.randint(0, 6), round(draw.uniform(2, 5), 1)))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(COLUMNS)
    moment = datetime(2026, 3, 1, 8, tzinfo=UTC)
    for search in range(500):
        moment += timedelta(minutes=draw.randint(5, 90))
        viewer, device = f"viewer-{draw.randint(0, 120):03}", draw.choice(["phone", "desktop"])
        for ad, category, price, photos, rating in draw.sample(ads, 8):
            liking = -2.0 - 1.6 * (price / CATEGORIES[category] - 1) + 0.5 * (rating - 3.5)
            liking += photos * (0.5 if device == "phone" else 0.25)
            clicked = int(draw.random() < 1 / (1 + 2.718**-liking))
            known = moment + timedelta(minutes=20)
            cells = [f"s{search:04}", f"{moment:%Y-%m-%dT%H:%M}", viewer, device, ad, category, price, photos]
            out.writerow([*cells, rating, clicked, f"{known:%Y-%m-%dT%H:%M}"])


if __name__ == "__main__":
    main()
