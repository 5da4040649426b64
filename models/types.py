"""The array types that the models exchange; float32 throughout, shapes are told where they are used."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float32]
IntArray: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
