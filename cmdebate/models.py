from django.db import models


class Edition(models.Model):
    """How often what visitors see has changed: the sum of all rows, usually of one.

    A second row is made when the first is held by another transaction, so that nobody waits.
    """

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)
